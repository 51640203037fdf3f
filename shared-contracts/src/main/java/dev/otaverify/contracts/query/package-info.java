/** What status-aggregator answers to the queries of the gateway: the read side's language. */
@NullMarked
package dev.otaverify.contracts.query;

import org.jspecify.annotations.NullMarked;
