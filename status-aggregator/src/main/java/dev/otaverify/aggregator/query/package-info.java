/**
 * The queries. Each one waits until what was written before it has been folded: an answer is never older than the last
 * write that was acknowledged before the question.
 */
@NullMarked
package dev.otaverify.aggregator.query;

import org.jspecify.annotations.NullMarked;
