/** Who calls: access keys, signatures, and the caller that a signed request proves. */
@NullMarked
package dev.otaverify.gateway.auth;

import org.jspecify.annotations.NullMarked;
