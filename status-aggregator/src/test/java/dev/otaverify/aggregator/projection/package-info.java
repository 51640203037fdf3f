/** Tests of the room of the same name. */
@NullMarked
package dev.otaverify.aggregator.projection;

import org.jspecify.annotations.NullMarked;
