/** Tests of the started service, and what the tests share. */
@NullMarked
package dev.otaverify.aggregator;

import org.jspecify.annotations.NullMarked;
