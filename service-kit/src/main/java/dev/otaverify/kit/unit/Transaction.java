// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.sql.Sql;
import java.time.Instant;

/**
 * The open transaction of a unit.
 *
 * @param sql statements in it
 * @param now when it began, by the database's clock: the one clock for deadlines
 */
public record Transaction(Sql sql, Instant now) {}
