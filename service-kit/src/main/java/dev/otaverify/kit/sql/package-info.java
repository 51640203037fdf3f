/** Rows as records: reading and writing many rows with one statement, JSON in and JSON out. */
@NullMarked
package dev.otaverify.kit.sql;

import org.jspecify.annotations.NullMarked;
