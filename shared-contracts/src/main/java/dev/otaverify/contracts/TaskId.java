// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Names the task of one device in one job: the stem of the job and the number of the task in it.
 *
 * @param value 28 base62 characters, 6 digits and 01
 */
public record TaskId(@JsonValue String value) implements Comparable<TaskId> {
  /** The most tasks of a job. */
  public static final int MOST = 1_000_000;

  private static final Form FORM = Form.of("[0-9A-Za-z]{28}[0-9]{6}01");

  /** @throws IllegalArgumentException if the value has not the form above */
  public TaskId {
    Checks.matches("taskId", value, FORM, "28 base62 characters, 6 digits and 01");
  }

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static TaskId of(String value) {
    return new TaskId(value);
  }

  /**
   * The id of one task of the job.
   *
   * @param number of the task in its job, from 0
   */
  public static TaskId of(JobId job, int number) {
    Checks.that(number >= 0 && number < MOST, "number", number, "0 to 999999");
    return new TaskId("%s%06d01".formatted(job.stem(), number));
  }

  /** The job of the task. */
  public JobId jobId() {
    return new JobId(value.substring(0, 28) + "02");
  }

  /** The firmware of the job of the task. */
  public FirmwareId firmwareId() {
    return new FirmwareId(value.substring(0, 20) + "03");
  }

  @Override
  public int compareTo(TaskId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
