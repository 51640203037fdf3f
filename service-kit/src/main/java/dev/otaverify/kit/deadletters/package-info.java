/** What an operator does with dead letters: list them, look at one, send it again. Used by {@code ./ota dlt} and in containers. */
@NullMarked
package dev.otaverify.kit.deadletters;

import org.jspecify.annotations.NullMarked;
