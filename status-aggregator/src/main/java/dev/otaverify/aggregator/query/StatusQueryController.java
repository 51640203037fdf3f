// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Wire;
import dev.otaverify.contracts.query.FirmwareQuestion;
import dev.otaverify.contracts.query.TaskStatus;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * The queries over HTTP, for the gateway: views of {@link dev.otaverify.contracts.query} as JSON; 400 for a parameter
 * that has not its form, 404 for what there is not, 503 when an answer would be too old.
 */
@RestController
@RequestMapping("/internal/queries")
class StatusQueryController {
  private static final Logger LOG = LoggerFactory.getLogger(StatusQueryController.class);
  private static final int MAX_SIZE = 200;
  private static final TypeReference<List<FirmwareQuestion>> FIRMWARE_QUESTIONS = new TypeReference<>() {};

  private final StatusQueries queries;

  StatusQueryController(StatusQueries queries) {
    this.queries = queries;
  }

  @GetMapping("/firmware/{firmwareId}")
  Mono<ResponseEntity<byte[]>> firmware(@PathVariable("firmwareId") String firmwareId,
      @RequestParam("account") String account) {
    return answer(queries.firmware(account(account),
        parsed(HttpStatus.NOT_FOUND, FirmwareId::new, firmwareId)));
  }

  /** Of many at once; those that are {@code behind} are to be asked for alone. */
  @PostMapping("/firmware-at-once")
  Mono<ResponseEntity<byte[]>> firmware(@RequestBody byte[] questions) {
    return answer(queries.firmware(parsed(HttpStatus.BAD_REQUEST, StatusQueryController::questions, questions)));
  }

  private static List<FirmwareQuestion> questions(byte[] json) {
    List<FirmwareQuestion> questions;
    try {
      questions = Wire.JSON.readValue(json, FIRMWARE_QUESTIONS);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("body: no questions (expected: a JSON list of account and firmware_id)", e);
    }
    if (questions.isEmpty() || questions.size() > FirmwareQuestion.MOST) {
      throw new IllegalArgumentException(
          "body: %d questions (expected: 1 to %d)".formatted(questions.size(), FirmwareQuestion.MOST));
    }
    return questions;
  }

  @GetMapping("/jobs/{jobId}")
  Mono<ResponseEntity<byte[]>> job(@PathVariable("jobId") String jobId, @RequestParam("account") String account) {
    return answer(queries.job(account(account),
        parsed(HttpStatus.NOT_FOUND, JobId::new, jobId)));
  }

  @GetMapping("/jobs/{jobId}/tasks")
  Mono<ResponseEntity<byte[]>> tasks(@PathVariable("jobId") String jobId, @RequestParam("account") String account,
      @RequestParam(name = "status", required = false) @Nullable String status,
      @RequestParam(name = "device", defaultValue = "") List<String> devices,
      @RequestParam(name = "page", defaultValue = "1") int page,
      @RequestParam(name = "size", defaultValue = "10") int size) {
    checkPage(page, size);
    return answer(queries.tasks(account(account),
        parsed(HttpStatus.NOT_FOUND, JobId::new, jobId),
        status == null || status.isEmpty() ? null : parsed(HttpStatus.BAD_REQUEST, TaskStatus::valueOf, status),
        devices.stream().map(name -> parsed(HttpStatus.BAD_REQUEST, DeviceName::new, name)).toList(), page, size));
  }

  @GetMapping("/tasks/{taskId}/history")
  Mono<ResponseEntity<byte[]>> history(@PathVariable("taskId") String taskId, @RequestParam("account") String account,
      @RequestParam(name = "page", defaultValue = "1") int page,
      @RequestParam(name = "size", defaultValue = "10") int size) {
    checkPage(page, size);
    return answer(queries.history(account(account), parsed(HttpStatus.NOT_FOUND, TaskId::new, taskId), page, size));
  }

  @GetMapping("/products")
  Mono<ResponseEntity<byte[]>> products(@RequestParam("account") String account,
      @RequestParam(name = "product", defaultValue = "") List<String> products,
      @RequestParam(name = "page", defaultValue = "1") int page,
      @RequestParam(name = "size", defaultValue = "10") int size) {
    checkPage(page, size);
    return answer(queries.products(account(account), all(ProductKey::new, products), page, size));
  }

  @GetMapping("/products/{productKey}/devices")
  Mono<ResponseEntity<byte[]>> devices(@PathVariable("productKey") String productKey,
      @RequestParam("account") String account, @RequestParam(name = "name", defaultValue = "") List<String> names,
      @RequestParam(name = "iotId", defaultValue = "") List<String> iotIds,
      @RequestParam(name = "page", defaultValue = "1") int page,
      @RequestParam(name = "size", defaultValue = "10") int size) {
    checkPage(page, size);
    return answer(queries.devices(account(account), parsed(HttpStatus.NOT_FOUND, ProductKey::new, productKey),
        all(DeviceName::new, names), all(IotId::new, iotIds), page, size));
  }

  @GetMapping("/products/{productKey}/devices/{deviceName}/tasks")
  Mono<ResponseEntity<byte[]>> openTasks(@PathVariable("productKey") String productKey,
      @PathVariable("deviceName") String deviceName, @RequestParam("account") String account,
      @RequestParam(name = "status", defaultValue = "") String status,
      @RequestParam(name = "module", defaultValue = "") String module) {
    return answer(queries.openTasks(account(account), parsed(HttpStatus.NOT_FOUND, ProductKey::new, productKey),
        parsed(HttpStatus.NOT_FOUND, DeviceName::new, deviceName),
        status.isEmpty() ? null : parsed(HttpStatus.BAD_REQUEST, TaskStatus::valueOf, status),
        module.isEmpty() ? null : parsed(HttpStatus.BAD_REQUEST, ModuleName::new, module)));
  }

  @GetMapping("/products/{productKey}/modules")
  Mono<ResponseEntity<byte[]>> modules(@PathVariable("productKey") String productKey,
      @RequestParam("account") String account) {
    return answer(queries.modules(account(account), parsed(HttpStatus.NOT_FOUND, ProductKey::new, productKey)));
  }

  @GetMapping("/firmware")
  Mono<ResponseEntity<byte[]>> firmwareOfAccount(@RequestParam("account") String account,
      @RequestParam(name = "product", defaultValue = "") List<String> products,
      @RequestParam(name = "version", defaultValue = "") String version,
      @RequestParam(name = "page", defaultValue = "1") int page,
      @RequestParam(name = "size", defaultValue = "10") int size) {
    checkPage(page, size);
    return answer(queries.firmware(account(account), all(ProductKey::new, products), version, page, size));
  }

  @GetMapping("/firmware/{firmwareId}/jobs")
  Mono<ResponseEntity<byte[]>> jobs(@PathVariable("firmwareId") String firmwareId,
      @RequestParam("account") String account, @RequestParam(name = "device", defaultValue = "") String device,
      @RequestParam(name = "page", defaultValue = "1") int page,
      @RequestParam(name = "size", defaultValue = "10") int size) {
    checkPage(page, size);
    return answer(queries.jobs(account(account), parsed(HttpStatus.NOT_FOUND, FirmwareId::new, firmwareId),
        device.isEmpty() ? null : parsed(HttpStatus.BAD_REQUEST, DeviceName::new, device), page, size));
  }

  private static AccountId account(String text) {
    return parsed(HttpStatus.BAD_REQUEST, AccountId::new, text);
  }

  private static <T> List<T> all(Function<String, T> form, List<String> texts) {
    return texts.stream().map(text -> parsed(HttpStatus.BAD_REQUEST, form, text)).toList();
  }

  private static void checkPage(int page, int size) {
    if (page < 1) {
      throw refused(HttpStatus.BAD_REQUEST, "page: " + page + " (expected: 1 or more)");
    }
    if (size < 1 || size > MAX_SIZE) {
      throw refused(HttpStatus.BAD_REQUEST, "size: " + size + " (expected: 1 to " + MAX_SIZE + ")");
    }
  }

  @ExceptionHandler
  ResponseEntity<Void> behind(BehindException behind) {
    LOG.atWarn().addKeyValue("cause", String.valueOf(behind.getCause())).log("query not answered: behind");
    return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).build();
  }

  /** With the contract's own mapper, so that what the gateway reads does not hang on how Spring's is set. */
  private static Mono<ResponseEntity<byte[]>> answer(Mono<?> view) {
    return view.map(found -> ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON)
        .body(Wire.JSON.writeValueAsBytes(found))).defaultIfEmpty(ResponseEntity.notFound().build());
  }

  private static <S, T> T parsed(HttpStatus otherwise, Function<S, T> form, S text) {
    try {
      return form.apply(text);
    } catch (IllegalArgumentException e) {
      throw refused(otherwise, String.valueOf(e.getMessage()));
    }
  }

  private static ResponseStatusException refused(HttpStatus status, String reason) {
    return new ResponseStatusException(status, reason);
  }
}
