// SPDX-License-Identifier: Apache-2.0
/**
 * From a batch of commands to rows, events and answers: loads what the rules need, folds the commands through them in
 * order, and writes what changed with one statement for each table.
 */
@NullMarked
package dev.otaverify.jobservice.commands;

import org.jspecify.annotations.NullMarked;
