/**
 * What makes a verification's verdict: pure functions over the events of one job, without clock, I/O or Spring, so that
 * every order of events can be tried out in a test.
 */
@NullMarked
package dev.otaverify.aggregator.verification;

import org.jspecify.annotations.NullMarked;
