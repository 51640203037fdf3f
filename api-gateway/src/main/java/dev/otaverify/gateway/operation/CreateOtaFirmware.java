// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareFile.SignMethod;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.FirmwareFiles.UploadedFile;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Creates a firmware of a file that was uploaded, or that is elsewhere. What the caller declares about an uploaded file is compared
 * with what was measured while it came in, so a file broken on its way is found before any device gets it. A file elsewhere is not
 * looked at, since whoever may call could then have us fetch what he cannot reach; its devices find out whether it is as declared.
 */
final class CreateOtaFirmware implements Operation {
  private static final Pattern HEX = Pattern.compile("[0-9A-Fa-f]+");
  private static final Pattern VERSION_FORM = Pattern.compile("[A-Za-z0-9.\\-_]{1,64}");
  private static final String VERSION = "1 to 64 letters, digits or . - _";
  private static final Parameter<String> NAME = Parameter.text("FirmwareName",
      "1 to 40 letters, digits, Chinese characters or - _ ( ), the first a letter, digit or Chinese character",
      Pattern.compile("[\\p{IsHan}A-Za-z0-9][\\p{IsHan}A-Za-z0-9\\-_()]{0,39}")).required();
  private static final Parameter<String> DEST_VERSION = Parameter.text("DestVersion", VERSION, VERSION_FORM).required();
  private static final Parameter<String> SRC_VERSION = Parameter.text("SrcVersion", VERSION, VERSION_FORM);
  private static final Parameter<FirmwareSpec.Type> TYPE = Parameter
      .of("Type", "0 (full) or 1 (delta)", text -> switch (text) {
        case "0" -> FirmwareSpec.Type.FULL;
        case "1" -> FirmwareSpec.Type.DELTA;
        default -> throw new IllegalArgumentException(text);
      }).orElse(FirmwareSpec.Type.FULL);
  private static final Parameter<ModuleName> MODULE = Parameter
      .of("ModuleName", "1 to 64 letters, digits or . - _", ModuleName::new).orElse(ModuleName.DEFAULT);
  private static final ListParameter<String> MULTI_FILES = ListParameter.ofObjects("MultiFiles",
      "none, since a firmware is one file, named in FirmwareUrl", ErrorCode.INVALID_PARAMETER, (name, parts) -> name)
      .sized(new ListParameter.Bounds(0, 0, ErrorCode.INVALID_PARAMETER, ErrorCode.INVALID_PARAMETER));
  private static final Parameter<String> URL = Parameter.text("FirmwareUrl", 1, 1024).required();
  private static final Parameter<Integer> SIZE = Parameter.number("FirmwareSize", 0, Integer.MAX_VALUE);
  private static final Parameter<SignMethod> SIGN_METHOD = Parameter
      .of("SignMethod", "MD5 or SHA256", text -> SignMethod.valueOf(text.toUpperCase(Locale.ROOT)))
      .orElse(SignMethod.MD5);
  private static final Parameter<String> SIGN = Parameter.text("FirmwareSign", 1, 128);
  private static final Parameter<Boolean> NEED_TO_VERIFY = Parameter.flag("NeedToVerify").orElse(true);
  private static final Parameter<String> DESCRIPTION = Parameter.text("FirmwareDesc", 1, 100);
  private static final Parameter<String> UDI = Parameter.text("Udi", 1, 4096);

  private final Commands commands;
  private final FirmwareFiles files;

  CreateOtaFirmware(Commands commands, FirmwareFiles files) {
    this.commands = commands;
    this.files = files;
  }

  @Override
  public String action() {
    return "CreateOTAFirmware";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(NAME, DEST_VERSION, Common.PRODUCT_KEY, TYPE, SRC_VERSION, MODULE, MULTI_FILES, URL, SIZE,
        SIGN_METHOD, SIGN, NEED_TO_VERIFY, DESCRIPTION, UDI);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.FIRMWARE_NAME_TAKEN, ErrorCode.FIRMWARE_FILE_NOT_FOUND,
        ErrorCode.FIRMWARE_SIZE_MISMATCH, ErrorCode.FIRMWARE_SIGN_MISMATCH, ErrorCode.MODULE_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var srcVersion = srcVersion(arguments);
    return file(arguments, caller)
        .flatMap(file -> {
          var command = command(arguments, caller, srcVersion, file);
          return commands.send(command, caller).map(at -> new Fields().with("Data",
              new Fields().with("FirmwareId", command.firmwareId()).with("UtcCreate", at)));
        });
  }

  private Mono<FirmwareFile> file(Arguments arguments, Caller caller) {
    var url = arguments.get(URL);
    if (files.isElsewhere(url)) {
      return Mono.just(declared(arguments));
    }
    return files.find(url, caller)
        .switchIfEmpty(Mono.error(() -> RefusedException.unexpected(ErrorCode.FIRMWARE_FILE_NOT_FOUND, URL.name(), url,
            "a FirmwareUrl of GenerateOTAUploadURL whose file was uploaded, or an http or https URL of another host")))
        .map(uploaded -> check(arguments, uploaded));
  }

  private static Command.CreateFirmware command(Arguments arguments, Caller caller, @Nullable String srcVersion,
      FirmwareFile file) {
    return new Command.CreateFirmware(caller.account(), FirmwareId.of(caller.command()),
        new FirmwareSpec(arguments.get(Common.PRODUCT_KEY), arguments.get(MODULE), arguments.get(NAME),
            arguments.get(DEST_VERSION), srcVersion, arguments.get(TYPE), file, arguments.get(NEED_TO_VERIFY),
            arguments.find(DESCRIPTION), arguments.find(UDI)));
  }

  /** The version that a delta applies to; a full package applies to all, whatever the caller says. */
  private static @Nullable String srcVersion(Arguments arguments) {
    return switch (arguments.get(TYPE)) {
      case FULL -> null;
      case DELTA -> {
        var version = arguments.find(SRC_VERSION);
        if (version == null) {
          throw GatewayException.missing(SRC_VERSION.name());
        }
        if (version.equals(arguments.get(DEST_VERSION))) {
          throw RefusedException.unexpected(ErrorCode.INVALID_PARAMETER, SRC_VERSION.name(), version,
              "another version than DestVersion");
        }
        yield version;
      }
    };
  }

  /** A file elsewhere, of which is known what the caller says. */
  private static FirmwareFile declared(Arguments arguments) {
    @Nullable
    Integer size = arguments.find(SIZE);
    if (size == null || size == 0) {
      throw undeclared(SIZE, size, "the bytes of the file, since FirmwareUrl is on another host and not looked at");
    }
    var method = arguments.get(SIGN_METHOD);
    @Nullable
    String sign = arguments.find(SIGN);
    var expected = digits(method) + " hex digits, the " + method
        + " of the file, since FirmwareUrl is on another host and not looked at";
    if (sign == null || sign.length() != digits(method) || !HEX.matcher(sign).matches()) {
      throw undeclared(SIGN, sign, expected);
    }
    return FirmwareFile.elsewhere(arguments.get(URL), size, method, sign.toLowerCase(Locale.ROOT));
  }

  private static int digits(SignMethod method) {
    return switch (method) {
      case MD5 -> 32;
      case SHA256 -> 64;
    };
  }

  private static RefusedException undeclared(Parameter<?> parameter, @Nullable Object value, String expected) {
    return RefusedException.unexpected(ErrorCode.INVALID_PARAMETER, parameter.name(),
        value == null ? "missing" : value.toString(), expected);
  }

  private static FirmwareFile check(Arguments arguments, UploadedFile uploaded) {
    var file = new FirmwareFile(uploaded.key(), arguments.get(URL), uploaded.size(), uploaded.md5(), uploaded.sha256(),
        arguments.get(SIGN_METHOD));
    @Nullable
    Integer size = arguments.find(SIZE);
    if (size != null && size != file.size()) {
      throw RefusedException.unexpected(ErrorCode.FIRMWARE_SIZE_MISMATCH, SIZE.name(), size.toString(),
          "the " + file.size() + " bytes that were uploaded");
    }
    @Nullable
    String sign = arguments.find(SIGN);
    if (sign != null && !sign.equalsIgnoreCase(file.sign())) {
      throw RefusedException.unexpected(ErrorCode.FIRMWARE_SIGN_MISMATCH, SIGN.name(), sign,
          file.signMethod() + " of the uploaded file, " + file.sign());
    }
    return file;
  }
}
