// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Lets tasks go on that wait for confirmation. They may be of several firmware, each of which is confirmed as a whole. */
final class ConfirmOtaTask implements Operation {
  private static final ListParameter<TaskId> TASKS = ListParameter.of(Common.taskId())
      .sized(new ListParameter.Bounds(1, 10, ErrorCode.INVALID_PARAMETER, ErrorCode.INVALID_PARAMETER));

  private final Commands commands;

  ConfirmOtaTask(Commands commands) {
    this.commands = commands;
  }

  @Override
  public String action() {
    return "ConfirmOTATask";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(TASKS);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.TASK_NOT_FOUND, ErrorCode.TASK_NEEDS_NO_CONFIRMATION);
  }

  @Override
  public int callsPerSecond() {
    return 20;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var byFirmware = arguments.get(TASKS).stream()
        .collect(Collectors.groupingBy(TaskId::firmwareId, TreeMap::new, Collectors.toList()));
    return Flux.fromIterable(byFirmware.entrySet())
        .concatMap(ofOne -> commands.send(
            new Command.ConfirmTasks(caller.account(), ofOne.getKey(), ofOne.getValue()),
            byFirmware.size() == 1 ? caller : caller.part(ofOne.getKey().value())))
        .then(Mono.fromSupplier(Fields::new));
  }
}
