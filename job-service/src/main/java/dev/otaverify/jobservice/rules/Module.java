// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import dev.otaverify.contracts.Command.CreateModule;
import dev.otaverify.contracts.Command.DeleteModule;
import dev.otaverify.contracts.Command.UpdateModule;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.ModuleCreated;
import dev.otaverify.contracts.RegistryEvent.ModuleDeleted;
import dev.otaverify.contracts.RegistryEvent.ModuleUpdated;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A module of a product besides {@link ModuleName#DEFAULT}, which every product has and nobody changes. */
public record Module(ModuleName name, @Nullable String aliasName, @Nullable String description) {

  /**
   * Decides on a creation.
   *
   * @param modules those of the product
   */
  public static Decision<RegistryEvent> decide(Map<ModuleName, Module> modules, CreateModule command, Product product,
      Instant now) {
    var name = command.moduleName();
    if (!product.isOf(command.account())) {
      return Product.notFound(product.key());
    }
    if (name.equals(ModuleName.DEFAULT) || modules.containsKey(name)) {
      return Decision.refuse(ErrorCode.MODULE_NAME_TAKEN, "ModuleName", name,
          "a name that no module of product " + product.key() + " has");
    }
    if (modules.size() >= CreateModule.MAX_MODULES) {
      return Decision.refuse(ErrorCode.TOO_MANY_MODULES, "ModuleName", name, "at most " + CreateModule.MAX_MODULES
          + " modules in product " + product.key() + " besides " + ModuleName.DEFAULT);
    }
    return Decision.accept(
        new ModuleCreated(command.productKey(), name, command.aliasName(), command.description(), now));
  }

  /** Decides on a change of what people read. */
  public static Decision<RegistryEvent> decide(Map<ModuleName, Module> modules, UpdateModule command, Product product,
      Instant now) {
    if (!product.isOf(command.account())) {
      return Product.notFound(product.key());
    }
    @Nullable
    Module before = modules.get(command.moduleName());
    if (before == null) {
      return notFound(command.moduleName(), product.key());
    }
    var after = new Module(before.name(),
        command.aliasName() == null ? before.aliasName() : command.aliasName(),
        command.description() == null ? before.description() : command.description());
    return Objects.equals(before, after)
        ? Decision.nothing()
        : Decision.accept(
            new ModuleUpdated(command.productKey(), after.name(), after.aliasName(), after.description(), now));
  }

  /**
   * Decides on a deletion.
   *
   * @param firmware how many there are for the module
   */
  public static Decision<RegistryEvent> decide(Map<ModuleName, Module> modules, DeleteModule command, Product product,
      long firmware, Instant now) {
    if (!product.isOf(command.account())) {
      return Product.notFound(product.key());
    }
    if (command.moduleName().equals(ModuleName.DEFAULT)) {
      return Decision.refuse(ErrorCode.MODULE_IN_USE, "ModuleName", command.moduleName(),
          "another module; this one every product has");
    }
    if (!modules.containsKey(command.moduleName())) {
      return notFound(command.moduleName(), product.key());
    }
    return firmware > 0
        ? Decision.refuse(ErrorCode.MODULE_IN_USE, "ModuleName", command.moduleName(),
            "a module that no firmware is for; " + firmware + " are for this one")
        : Decision.accept(new ModuleDeleted(command.productKey(), command.moduleName(), now));
  }

  /** Whether a firmware may be for the module. */
  public static boolean exists(Map<ModuleName, Module> modules, ModuleName name) {
    return name.equals(ModuleName.DEFAULT) || modules.containsKey(name);
  }

  /** The module is not there. */
  static <E> Decision<E> notFound(ModuleName name, ProductKey product) {
    return Decision.refuse(ErrorCode.MODULE_NOT_FOUND, "ModuleName", name, "a module of product " + product);
  }
}
