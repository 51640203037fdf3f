// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Topics;
import dev.otaverify.jobservice.credentials.SecretGenerator;
import dev.otaverify.kit.retention.Kept;
import dev.otaverify.kit.unit.Subscription;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Lets the handler work through the commands. */
@Configuration(proxyBeanMethods = false)
class CommandConfiguration {
  @Bean
  Subscription<Command> jobServiceCommands() {
    return new Subscription<>("job-service", Topics.COMMANDS, Command.class,
        new CommandHandler(SecretGenerator.random(), Clock.systemUTC()));
  }

  /** The same request sent again is given the answer as long as this. */
  @Bean
  Kept answers(JobServiceProperties properties) {
    return new Kept("answers", properties.answerRetention(), 5_000,
        """
        delete from command_answer where command_id in (
          select command_id from command_answer where decided_at < now() - make_interval(secs => $1)
          order by decided_at limit $2 for update skip locked)""");
  }

  /** Those whose command never came. */
  @Bean
  Kept stagedSecrets(JobServiceProperties properties) {
    return new Kept("staged-secrets", properties.answerRetention(), 1_000,
        """
        delete from staged_secret where command_id in (
          select command_id from staged_secret where staged_at < now() - make_interval(secs => $1)
          order by staged_at limit $2 for update skip locked)""");
  }

  /** What counts of a job that has ended, its verdict, stands in the firmware's row, too. */
  @Bean
  Kept jobs(JobServiceProperties properties) {
    return new Kept("jobs", properties.jobRetention(), 500,
        """
        delete from verify_job where job_id in (
          select job_id from verify_job where concluded_at < now() - make_interval(secs => $1)
          order by concluded_at limit $2 for update skip locked)""");
  }
}
