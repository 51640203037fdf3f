// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All operations there are. */
public final class Operations {
  private final Map<String, Operation> byAction;

  /** The operations on top of what they use. */
  public Operations(Commands commands, Views views, Secrets secrets, FirmwareFiles files, OperationSettings settings) {
    this.byAction = List.<Operation>of(
        new CreateProduct(commands, secrets),
        new RegisterDevice(commands, secrets),
        new GenerateOtaUploadUrl(files),
        new CreateOtaFirmware(commands, files),
        new CreateOtaVerifyJob(commands, settings),
        new QueryOtaFirmware(views),
        new QueryOtaJob(views, settings),
        new ListOtaTaskByJob(views, settings))
        .stream().collect(Collectors.toUnmodifiableMap(Operation::action, Function.identity()));
  }

  /** The operation of this name. */
  public Optional<Operation> find(String action) {
    return Optional.ofNullable(byAction.get(action));
  }

  /** All of them, by name. */
  public Map<String, Operation> all() {
    return byAction;
  }
}
