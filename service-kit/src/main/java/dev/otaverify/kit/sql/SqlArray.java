// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import org.jspecify.annotations.Nullable;

/**
 * A parameter that is an SQL array.
 *
 * @param type of an element, as PostgreSQL calls it
 * @param elements of the Java type that pgjdbc has for it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SqlArray(String type, @Nullable Object[] elements) {}
