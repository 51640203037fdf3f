/** What the services share besides the contract: how they start and how they are wired to Kafka and PostgreSQL. */
@NullMarked
package dev.otaverify.kit;

import org.jspecify.annotations.NullMarked;
