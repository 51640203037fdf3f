/** Folds what was read from the topics into rows, and gives the verdicts that follow. */
@NullMarked
package dev.otaverify.aggregator.projection;

import org.jspecify.annotations.NullMarked;
