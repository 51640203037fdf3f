/**
 * The unit of work: a poll of one partition becomes one database transaction, guarded by the owner's epoch and position,
 * and its output is published after the commit. No input is lost, none takes effect twice, every output is published.
 */
@NullMarked
package dev.otaverify.kit.unit;

import org.jspecify.annotations.NullMarked;
