/**
 * Webhooks: the events of an account's firmware, sent to endpoints of the account. A unit of work records what each webhook is to be
 * told, senders on any gateway send it, in the order of each firmware, until it is taken; all of it in the gateways' database.
 */
@NullMarked
package dev.otaverify.gateway.webhook;

import org.jspecify.annotations.NullMarked;
