/**
 * The operations of the API, one class each: the parameters it takes, the command or query they become, and its answer.
 * To add one, write its class and name it in {@link dev.otaverify.gateway.operation.Operations}. No Spring, clock or I/O.
 */
@NullMarked
package dev.otaverify.gateway.operation;

import org.jspecify.annotations.NullMarked;
