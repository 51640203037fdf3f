/** Tests of the room of the same name. */
@NullMarked
package dev.otaverify.aggregator.verification;

import org.jspecify.annotations.NullMarked;
