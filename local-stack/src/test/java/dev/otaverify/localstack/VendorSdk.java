// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import com.aliyun.iot20180120.Client;
import com.aliyun.tea.TeaException;
import com.aliyun.tea.TeaModel;
import com.aliyun.teaopenapi.models.Config;
import com.aliyuncs.AcsRequest;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.RpcAcsRequest;
import com.aliyuncs.auth.SignatureVersion;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.http.FormatType;
import com.aliyuncs.profile.DefaultProfile;
import dev.otaverify.contracts.Wire;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The vendor's clients under one face, so that one scenario is driven with each: the request is the client's own class of
 * the operation, filled by its own setters, and the answer is what its user reads from its own objects.
 */
enum VendorSdk {
  CLASSIC_JSON {
    @Override
    JsonNode call(Endpoint endpoint, String action, Map<String, ?> parameters) {
      return classic(endpoint, action, parameters, FormatType.JSON, SignatureVersion.V1);
    }
  },
  CLASSIC_XML {
    @Override
    JsonNode call(Endpoint endpoint, String action, Map<String, ?> parameters) {
      return classic(endpoint, action, parameters, FormatType.XML, SignatureVersion.V1);
    }
  },
  CLASSIC_ACS3 {
    @Override
    JsonNode call(Endpoint endpoint, String action, Map<String, ?> parameters) {
      return classic(endpoint, action, parameters, FormatType.JSON, SignatureVersion.V3);
    }
  },
  TEA_ACS3 {
    @Override
    JsonNode call(Endpoint endpoint, String action, Map<String, ?> parameters) {
      return tea(endpoint, action, parameters, "v3");
    }
  },
  TEA_V2 {
    @Override
    JsonNode call(Endpoint endpoint, String action, Map<String, ?> parameters) {
      return tea(endpoint, action, parameters, "v2");
    }
  };

  /** Where the gateway is and who calls. */
  record Endpoint(String address, String accessKeyId, String accessKeySecret) {}

  /** What the client's user catches. */
  static final class FailureException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final String code;

    FailureException(String code, String message, Throwable cause) {
      super(code + ": " + message, cause);
      this.code = code;
    }
  }

  /** For names that must not be those of another client's things. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Calls an operation.
   *
   * @param parameters by the names of the wire; a list is a {@link List}, an object in one a {@link Map}
   * @return the fields of the client's answer by the names of the wire, lists without their wrappers
   * @throws FailureException if the client throws
   */
  abstract JsonNode call(Endpoint endpoint, String action, Map<String, ?> parameters);

  private static JsonNode classic(Endpoint endpoint, String action, Map<String, ?> parameters, FormatType format,
      SignatureVersion signature) {
    var client = new DefaultAcsClient(
        DefaultProfile.getProfile("cn-shanghai", endpoint.accessKeyId(), endpoint.accessKeySecret()));
    try {
      var request = Class.forName("com.aliyuncs.iot.model.v20180120." + action + "Request")
          .asSubclass(RpcAcsRequest.class).getConstructor().newInstance();
      for (var parameter : parameters.entrySet()) {
        set(request, parameter.getKey(), parameter.getValue());
      }
      request.setSysEndpoint(endpoint.address());
      request.setAcceptFormat(format);
      request.setSysSignatureVersion(signature);
      var response = client.getAcsResponse((AcsRequest<?>) request);
      return unwrapped(Wire.JSON.valueToTree(beanFields(response)));
    } catch (ClientException e) {
      throw new FailureException(String.valueOf(e.getErrCode()), String.valueOf(e.getErrMsg()), e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(action, e);
    } finally {
      client.shutdown();
    }
  }

  private static JsonNode tea(Endpoint endpoint, String action, Map<String, ?> parameters, String algorithm) {
    try {
      var config = new Config().setAccessKeyId(endpoint.accessKeyId()).setAccessKeySecret(endpoint.accessKeySecret())
          .setEndpoint(endpoint.address()).setProtocol("HTTP");
      if (algorithm.equals("v2")) {
        config.setSignatureAlgorithm("v2");
      }
      var client = new Client(config);
      var name = action.substring(0, 1).toLowerCase(Locale.ROOT) + action.substring(1);
      var method = Arrays.stream(Client.class.getMethods())
          .filter(it -> it.getName().equals(name) && it.getParameterCount() == 1).findFirst().orElseThrow();
      var request = TeaModel.build(parameters,
          (TeaModel) method.getParameterTypes()[0].getConstructor().newInstance());
      var response = method.invoke(client, request);
      var body = (TeaModel) response.getClass().getMethod("getBody").invoke(response);
      return unwrapped(Wire.JSON.valueToTree(body.toMap()));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof TeaException failure) {
        throw new FailureException(failure.getCode(), String.valueOf(failure.getMessage()), failure);
      }
      throw new LinkageError(action, e);
    } catch (Exception e) {
      throw new LinkageError(action, e);
    }
  }

  /** The classic client has its lists in the plural. */
  private static void set(Object target, String name, Object value) throws ReflectiveOperationException {
    var setter = Arrays.stream(target.getClass().getMethods())
        .filter(it -> it.getName().equals("set" + name) || it.getName().equals("set" + name + "s"))
        .filter(it -> it.getParameterCount() == 1).findFirst().orElseThrow(() -> new NoSuchMethodException(name));
    setter.invoke(target, value instanceof List<?> list ? elements(setter, list) : value);
  }

  private static List<?> elements(Method setter, List<?> values) throws ReflectiveOperationException {
    if (values.isEmpty() || !(values.getFirst() instanceof Map)) {
      return values;
    }
    var type = (Class<?>) ((ParameterizedType) setter.getGenericParameterTypes()[0]).getActualTypeArguments()[0];
    var elements = new ArrayList<Object>();
    for (var value : values) {
      var element = type.getConstructor().newInstance();
      for (var part : ((Map<?, ?>) value).entrySet()) {
        set(element, part.getKey().toString(), part.getValue());
      }
      elements.add(element);
    }
    return elements;
  }

  private static @Nullable Object beanFields(@Nullable Object bean) throws ReflectiveOperationException {
    if (bean == null || bean instanceof String || bean instanceof Number || bean instanceof Boolean) {
      return bean;
    }
    if (bean instanceof List<?> list) {
      var all = new ArrayList<@Nullable Object>();
      for (var element : list) {
        all.add(beanFields(element));
      }
      return all;
    }
    var fields = new LinkedHashMap<String, @Nullable Object>();
    for (var getter : bean.getClass().getDeclaredMethods()) {
      if (getter.getName().startsWith("get") && getter.getParameterCount() == 0 && !getter.isBridge()) {
        fields.put(getter.getName().substring(3), beanFields(getter.invoke(bean)));
      }
    }
    return fields;
  }

  /** The wire and the newer client have a list as the only field of an object. */
  private static JsonNode unwrapped(JsonNode node) {
    if (node.isArray()) {
      var elements = Wire.JSON.createArrayNode();
      node.forEach(element -> elements.add(unwrapped(element)));
      return elements;
    }
    if (!(node instanceof ObjectNode object)) {
      return node;
    }
    var plain = Wire.JSON.createObjectNode();
    object.properties().forEach(field -> {
      if (!field.getValue().isNull()) {
        plain.set(field.getKey(), unwrapped(field.getValue()));
      }
    });
    return plain.size() == 1 && plain.values().iterator().next().isArray() ? plain.values().iterator().next() : plain;
  }
}
