// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

/**
 * An access key that exists.
 *
 * @param enabled whether it may be used
 */
public record KnownKey(AccessKey key, Permissions permissions, boolean enabled) {}
