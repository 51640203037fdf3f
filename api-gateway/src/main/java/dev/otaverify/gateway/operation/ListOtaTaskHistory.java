// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.HistoryEntry;
import dev.otaverify.contracts.query.TaskHistoryView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Answers one page of what happened to a task and was heard of its device meanwhile, the oldest first: the evidence for how
 * it ended. Ours; the vendor has no such operation.
 */
final class ListOtaTaskHistory implements Query {
  private static final Parameter<TaskId> TASK = Common.taskId().required();
  private static final Parameter<Integer> PAGE = Common.page().orElse(1);
  private static final Parameter<Integer> SIZE = Common.size(200).orElse(100);

  private final Views views;

  ListOtaTaskHistory(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "ListOTATaskHistory";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(TASK, PAGE, SIZE);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.TASK_NOT_FOUND, ErrorCode.INVALID_PAGE);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return views.history(arguments.get(TASK), arguments.get(PAGE), arguments.get(SIZE), caller)
        .map(ListOtaTaskHistory::answer);
  }

  private static Fields answer(TaskHistoryView view) {
    return Common.paged(new Fields(), view.entries())
        .with("Task", Common.task(view.task()).with("TaskDesc", view.task().description())).withWrapped("Data",
            "OTATaskHistoryEntry", view.entries().items().stream().map(ListOtaTaskHistory::entry).toList());
  }

  private static Fields entry(HistoryEntry entry) {
    return new Fields().with("Number", entry.number()).with("UtcTime", entry.at()).with("Event", entry.kind())
        .with("Detail", entry.detail());
  }
}
