// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What is known, as status-aggregator answers it: never older than what was acknowledged before the question. What does
 * not exist for the caller's account is a {@link dev.otaverify.gateway.api.RefusedException}.
 */
public interface Views {
  /** A firmware of the caller's account. */
  Mono<FirmwareView> firmware(FirmwareId id, Caller caller);

  /** A job of the caller's account. */
  Mono<JobView> job(JobId id, Caller caller);

  /**
   * One page of a job's tasks.
   *
   * @param devices only of these; empty: of all
   */
  Mono<Page<TaskView>> tasks(JobId job, @Nullable TaskStatus status, List<DeviceName> devices, int page, int size,
      Caller caller);
}
