// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.gateway.files.FileStore.Item;
import dev.otaverify.gateway.files.UnusedFiles.Mark;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Removes files that no firmware has: what was uploaded and not used in time, and what deleted firmware leaves behind. A creation may
 * be under way while it asks, so it goes in two steps. A file that is not in use is marked; from then on no firmware is created of it,
 * but devices may still download it. When a while has passed, longer than any command of before the mark may take to be decided,
 * job-service is asked again: now its answer is final. What is in use after all is unmarked, the rest is removed. While job-service does
 * not answer, nothing is marked or removed.
 *
 * <p>Any number of gateways may do so at once, see {@link UnusedFiles}.
 */
final class CleanUp {
  private static final Logger LOG = LoggerFactory.getLogger(CleanUp.class);

  private final Spool spool;
  private final FileStore store;
  private final UnusedFiles unused;
  private final FilesInUse inUse;
  private final Duration age;
  private final Duration grace;
  private final Clock clock;

  /**
   * @param age how long a file may be without firmware
   * @param grace how long it is marked before it goes
   */
  CleanUp(Spool spool, FileStore store, UnusedFiles unused, FilesInUse inUse, Duration age, Duration grace,
      Clock clock) {
    this.spool = spool;
    this.store = store;
    this.unused = unused;
    this.inUse = inUse;
    this.age = age;
    this.grace = grace;
    this.clock = clock;
  }

  /** Does each step as far as it is due. */
  Mono<Void> run() {
    return Mono.defer(() -> {
      // As exact as the database keeps it.
      var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
      return abandoned(now)
          .then(Mono.zip(store.items().filter(item -> !key(item).isEmpty()).collectMultimap(CleanUp::key),
              unused.all().collectList()))
          .flatMap(found -> {
            var files = found.getT1();
            var marks = found.getT2();
            return goOn(files, marks).then(leftovers(files, marks, now)).then(decide(files, marks, now))
                .then(mark(files, marks, now));
          });
    });
  }

  private Mono<Void> abandoned(Instant now) {
    return Mono.fromCallable(() -> {
      spool.removeAbandoned(now);
      return true;
    }).subscribeOn(Schedulers.boundedElastic()).then();
  }

  /** Removes what it was decided to remove, until nothing of it is left. */
  private Mono<Void> goOn(Map<String, Collection<Item>> files, List<Mark> marks) {
    return Flux.fromIterable(marks).filter(Mark::removing).concatMap(mark -> {
      var left = files.getOrDefault(mark.key(), List.of());
      return left.isEmpty() ? unused.forget(mark) : remove(left);
    }).then();
  }

  /** Removes contents that no description names, since their upload was the second or broke off before it was described. */
  private Mono<Void> leftovers(Map<String, Collection<Item>> files, List<Mark> marks, Instant now) {
    var removing = marks.stream().filter(Mark::removing).map(Mark::key).collect(Collectors.toSet());
    return Flux.fromIterable(files.entrySet()).filter(file -> !removing.contains(file.getKey()))
        .concatMap(file -> {
          var contents = file.getValue().stream().filter(Predicate.not(CleanUp::isDescription)).toList();
          if (contents.size() == file.getValue().size()) {
            return remove(contents.stream().filter(item -> isOld(item, now)).toList());
          }
          // One content is what the description names: it was written after it.
          return contents.size() < 2
              ? Mono.<Void>empty()
              : store.find(file.getKey()).flatMap(described -> remove(contents.stream()
                  .filter(item -> isOld(item, now) && !item.name().equals(described.content())).toList()));
        }).then();
  }

  /** Unmarks or removes what was marked long enough ago. */
  private Mono<Void> decide(Map<String, Collection<Item>> files, List<Mark> marks, Instant now) {
    var due = marks.stream().filter(mark -> !mark.removing() && !mark.markedAt().plus(grace).isAfter(now)).toList();
    return Flux.fromIterable(due).buffer(FilesInUse.AT_ONCE)
        .concatMap(some -> inUse.of(some.stream().map(Mark::key).toList())
            .flatMapMany(used -> Flux.fromIterable(some).concatMap(mark -> used.contains(mark.key())
                ? unused.unmark(mark)
                : unused.claim(mark).flatMap(claimed -> claimed
                    ? remove(files.getOrDefault(mark.key(), List.of()))
                        .doOnSuccess(removed -> LOG.atInfo().addKeyValue("key", mark.key()).log("Unused file removed"))
                    : Mono.empty()))))
        .then();
  }

  /** Marks what is old enough and not in use. */
  private Mono<Void> mark(Map<String, Collection<Item>> files, List<Mark> marks, Instant now) {
    var marked = marks.stream().map(Mark::key).collect(Collectors.toSet());
    var old = files.entrySet().stream()
        .filter(file -> file.getValue().stream().anyMatch(item -> isDescription(item) && isOld(item, now)))
        .map(Map.Entry::getKey).filter(Predicate.not(marked::contains)).sorted().toList();
    return Flux.fromIterable(old).buffer(FilesInUse.AT_ONCE).concatMap(some -> inUse.of(some).flatMap(used -> {
      var free = some.stream().filter(Predicate.not(used::contains)).toList();
      return free.isEmpty() ? Mono.<Void>empty() : unused.mark(free, now);
    })).then();
  }

  /** The description first: without it the rest counts for nothing. */
  private Mono<Void> remove(Collection<Item> items) {
    return Flux.fromIterable(items).sort(Comparator.comparing(item -> !isDescription(item)))
        .concatMap(item -> store.remove(item.name())).then();
  }

  private boolean isOld(Item item, Instant now) {
    return !item.modified().plus(age).isAfter(now);
  }

  private static boolean isDescription(Item item) {
    return item.name().equals(FileStore.description(key(item)));
  }

  /** The key of the file that an object is of; empty if it is of none. */
  private static String key(Item item) {
    var name = item.name();
    int end = name.endsWith(".json") ? name.length() - ".json".length() : name.indexOf('-');
    return end > 0 && UploadForms.isKey(name.substring(0, end)) ? name.substring(0, end) : "";
  }
}
