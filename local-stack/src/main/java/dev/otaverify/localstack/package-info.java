/** All of it on one machine, from the command line: {@code ./ota demo}, {@code up}, {@code status}, {@code down} and the rest. */
@NullMarked
package dev.otaverify.localstack;

import org.jspecify.annotations.NullMarked;
