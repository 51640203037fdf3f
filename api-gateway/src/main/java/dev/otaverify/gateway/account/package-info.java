/**
 * Accounts: their access keys and sub-users, the signed requests that were admitted, and quotas, in the gateway's own database; and
 * what a sub-user that is limited to products gets to see.
 */
@NullMarked
package dev.otaverify.gateway.account;

import org.jspecify.annotations.NullMarked;
