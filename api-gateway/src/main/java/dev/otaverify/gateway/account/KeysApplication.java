// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.gateway.auth.AccessKey;
import dev.otaverify.gateway.auth.Permissions;
import dev.otaverify.kit.ServiceLauncher;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import io.r2dbc.spi.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Creates, lists, limits, disables and deletes access keys, in the database of the gateways. They honour it within a second; none
 * need run.
 */
public final class KeysApplication {
  /** What it takes. */
  public static final String USAGE = """
                                     keys create [--account ACCOUNT] [--user USER [--actions A,B*] [--products KEY,KEY]]
                                                           a new key of the account (default: default), or of a sub-user of it;
                                                           one that is new may be limited to actions and products
                                     keys limit  [--account ACCOUNT] --user USER [--actions A,B*] [--products KEY,KEY]
                                                           limit a sub-user anew; what is not given is not limited
                                     keys list             all keys, without their secrets
                                     keys disable|enable|delete ID
                                                           take effect within a second; delete is for good
                                     """;
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9._@-]{1,64}");
  private static final Pattern ACTION = Pattern.compile("[A-Za-z]+\\*?|\\*");
  private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Set<String> OPTIONS = Set.of("account", "user", "actions", "products");

  private final KeyStore store;
  private final PrintStream out;

  private KeysApplication(KeyStore store, PrintStream out) {
    this.store = store;
    this.out = out;
  }

  /** What is needed of the gateway. */
  @Import(VaultConfiguration.class)
  @ImportAutoConfiguration(R2dbcAutoConfiguration.class)
  static class Context {
    @Bean
    KeyStore keyStore(ConnectionFactory database, Vault vault) {
      return new KeyStore(DatabaseClient.create(database), vault);
    }
  }

  /** Runs it with the settings of the environment; the exit status is 0 if it did what it is for, 1 if not, 2 if it was not understood. */
  public static void main(String... words) {
    int status = 0;
    try {
      run(List.of(), List.of(words), new PrintStream(System.out, true, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      status = 2;
    } catch (IllegalStateException e) {
      System.err.println(e.getMessage());
      status = 1;
    }
    System.exit(status);
  }

  /**
   * Carries out one command.
   *
   * @param settings properties of the gateway as {@code --name=value}
   * @throws IllegalArgumentException if it is not understood
   * @throws IllegalStateException if it cannot be done
   */
  public static void run(Collection<String> settings, List<String> words, PrintStream out) {
    var arguments = Stream.concat(settings.stream(), Stream.of("--spring.main.web-application-type=none"))
        .toArray(String[]::new);
    try (var context = start(arguments)) {
      var store = context.getBean(KeyStore.class);
      await(store.checkMasterKey());
      new KeysApplication(store, out).carryOut(words);
    }
  }

  private static ConfigurableApplicationContext start(String... arguments) {
    try {
      return ServiceLauncher.start(Context.class, "api-gateway", arguments);
    } catch (BeansException e) {
      throw new IllegalStateException(NestedExceptionUtils.getMostSpecificCause(e).getMessage(), e);
    }
  }

  private void carryOut(List<String> words) {
    switch (words.isEmpty() ? "" : words.getFirst()) {
      case "create" -> create(options(words));
      case "limit" -> limit(options(words));
      case "list" -> list(words);
      case "disable" -> done("disabled", id(words), store.setEnabled(id(words), false));
      case "enable" -> done("enabled", id(words), store.setEnabled(id(words), true));
      case "delete" -> done("deleted", id(words), store.delete(id(words)));
      default -> throw new IllegalArgumentException(
          "keys: " + words + " (expected: create, limit, list, disable, enable or delete)\n" + USAGE);
    }
  }

  private void create(Map<String, String> options) {
    var account = account(options);
    @Nullable
    String user = options.containsKey("user") ? user(options) : null;
    if (user == null && (options.containsKey("actions") || options.containsKey("products"))) {
      throw new IllegalArgumentException("--actions, --products: without a user (expected: --user, who is limited)");
    }
    if (user != null && !await(store.addUser(account, user, permissions(options)))
        && (options.containsKey("actions") || options.containsKey("products"))) {
      throw new IllegalStateException("--user: " + user + " is there already (expected: a new user, whose limits are"
          + " given here; or keys limit, then keys create without limits)");
    }
    var key = new AccessKey("OTA" + random(17), random(30), account);
    if (!await(store.add(key, user))) {
      throw new IllegalStateException("access key id: taken (expected: a new one; try again)");
    }
    out.println("access key  " + key.id());
    out.println("its secret  " + key.secret());
    out.println("The secret is not shown again.");
  }

  private void limit(Map<String, String> options) {
    var user = user(options);
    var permissions = permissions(options);
    if (!await(store.limit(account(options), user, permissions))) {
      throw new IllegalStateException("--user: " + user + " (expected: a user of account " + account(options)
          + "; keys create makes one)");
    }
    out.println(user + ": " + text(permissions));
  }

  private void list(List<String> words) {
    if (words.size() > 1) {
      throw new IllegalArgumentException("keys list: " + words.subList(1, words.size()) + " (expected: nothing more)");
    }
    for (var key : await(store.list())) {
      out.println(key.id() + "  " + key.account() + (key.user() == null ? "" : "/" + key.user()) + "  "
          + (key.enabled() ? "enabled" : "disabled") + "  " + key.createdAt().truncatedTo(ChronoUnit.SECONDS) + "  "
          + text(key.permissions()));
    }
  }

  private void done(String what, String id, Mono<Boolean> change) {
    if (!await(change)) {
      throw new IllegalStateException("access key: " + id + " (expected: one of keys list)");
    }
    out.println(id + " " + what);
  }

  private static String id(List<String> words) {
    if (words.size() != 2) {
      throw new IllegalArgumentException(
          "keys " + words.getFirst() + ": " + words.subList(1, words.size()) + " (expected: the id of one key)");
    }
    return words.get(1);
  }

  private static Map<String, String> options(List<String> words) {
    var options = new HashMap<String, String>();
    for (int i = 1; i < words.size(); i += 2) {
      var word = words.get(i);
      if (!word.startsWith("--") || !OPTIONS.contains(word.substring(2)) || i + 1 == words.size()
          || options.put(word.substring(2), words.get(i + 1)) != null) {
        throw new IllegalArgumentException(word + ": unknown, twice, or without its value (expected: "
            + new TreeSet<>(OPTIONS).stream().map(name -> "--" + name + " VALUE").collect(Collectors.joining(", "))
            + ")");
      }
    }
    return options;
  }

  private static AccountId account(Map<String, String> options) {
    var text = options.getOrDefault("account", "default");
    try {
      return new AccountId(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--account: " + text + " (expected: 1 to 64 letters, digits, _ or -)", e);
    }
  }

  private static String user(Map<String, String> options) {
    var text = options.getOrDefault("user", "");
    if (!USER.matcher(text).matches()) {
      throw new IllegalArgumentException("--user: " + text + " (expected: 1 to 64 letters, digits or . _ @ -)");
    }
    return text;
  }

  private static Permissions permissions(Map<String, String> options) {
    return new Permissions(set(options, "actions", "names of operations, or what they begin with and *", text -> {
      if (!ACTION.matcher(text).matches()) {
        throw new IllegalArgumentException(text);
      }
      return text;
    }), set(options, "products", "product keys", ProductKey::new));
  }

  private static <T> @Nullable Set<T> set(Map<String, String> options, String name, String expected,
      Function<String, T> reader) {
    @Nullable
    String text = options.get(name);
    if (text == null) {
      return null;
    }
    try {
      return Stream.of(text.split(",", -1)).map(reader).collect(Collectors.toUnmodifiableSet());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--" + name + ": " + text + " (expected: " + expected
          + ", with commas between)", e);
    }
  }

  private static String text(Permissions permissions) {
    return "actions " + text(permissions.actions()) + ", products " + text(permissions.products());
  }

  private static String text(@Nullable Set<?> values) {
    return values == null
        ? "all"
        : values.stream().map(Object::toString).sorted().collect(Collectors.joining(","));
  }

  private static String random(int length) {
    var random = new SecureRandom();
    return random.ints(length, 0, ALPHABET.length()).mapToObj(i -> String.valueOf(ALPHABET.charAt(i)))
        .collect(Collectors.joining());
  }

  @SuppressWarnings("NullAway") // Void has no value
  private static <T> T await(Mono<T> answer) {
    try {
      return answer.block(PATIENCE);
    } catch (IllegalStateException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalStateException("the gateway's database: " + e.getMessage()
          + " (expected: one that runs, and that a gateway was started with)", e);
    }
  }
}
