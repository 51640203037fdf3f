/** The read side: folds events into verdicts and views, and answers queries about them. */
@NullMarked
package dev.otaverify.aggregator;

import org.jspecify.annotations.NullMarked;
