/** The gateway: the HTTP API in front of everything, wired together here. */
@NullMarked
package dev.otaverify.gateway;

import org.jspecify.annotations.NullMarked;
