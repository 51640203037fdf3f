/** The way of a command: handed to Kafka, and its reply waited for. Says exactly what is known about a command that got none. */
@NullMarked
package dev.otaverify.gateway.command;

import org.jspecify.annotations.NullMarked;
