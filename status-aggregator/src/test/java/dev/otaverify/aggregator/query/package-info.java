/** Tests of the room of the same name. */
@NullMarked
package dev.otaverify.aggregator.query;

import org.jspecify.annotations.NullMarked;
