/** The language that everything speaks: ids, commands, device inputs, events, replies, topics and error codes. */
@NullMarked
package dev.otaverify.contracts;

import org.jspecify.annotations.NullMarked;
