// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

/** The history of a task, the oldest entry first, a page of it at a time. */
public record TaskHistoryView(TaskView task, Page<HistoryEntry> entries) {}
