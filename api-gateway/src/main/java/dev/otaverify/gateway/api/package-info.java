/** The wire of the HTTP API: how a request is read, how an answer is written, and what a failure looks like. No HTTP server in here. */
@NullMarked
package dev.otaverify.gateway.api;

import org.jspecify.annotations.NullMarked;
