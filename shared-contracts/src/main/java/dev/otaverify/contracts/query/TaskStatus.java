// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

/** {@code TaskStatus} of a device's task. */
public enum TaskStatus {
  CONFIRM, QUEUED, NOTIFIED, IN_PROGRESS, SUCCEEDED, FAILED, CANCELED
}
