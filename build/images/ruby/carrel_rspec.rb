# frozen_string_literal: true

require "rspec/core"

module Carrel
  # Follows RSpec's run.
  class Formatter
    RSpec::Core::Formatters.register self, :start, :example_started, :example_passed, :example_failed, :example_pending

    def self.report=(report)
      @@report = report
    end

    def initialize(_) = nil

    def start(_)
      RSpec.world.all_examples.each { |example| @@report.planned(describe(example)) }
    end

    def example_started(notice) = @@report.began(notice.example.id.delete_prefix("./"))
    def example_passed(notice) = @@report.ended(describe(notice.example, "status" => "passed"))

    def example_pending(notice)
      @@report.ended(describe(notice.example, "status" => "skipped", "message" => notice.example.execution_result.pending_message.to_s))
    end

    def example_failed(notice)
      error = notice.exception
      expected = error.is_a?(RSpec::Expectations::ExpectationNotMetError)
      message = expected ? @@report.short(error.message.strip) : @@report.message(error)
      @@report.ended(describe(notice.example, { "status" => expected ? "failed" : "errored", "message" => message }.merge(@@report.place(error))))
    end

    private

    def describe(example, more = {})
      meta = example.metadata
      { "id" => example.id.delete_prefix("./"), "name" => example.description, "group" => example.example_group.description,
        "file" => meta[:file_path].delete_prefix("./"), "line" => meta[:line_number],
        "duration_ms" => (example.execution_result.run_time || 0) * 1000 }.merge(more)
    end
  end

  # Runs specs at once.
  def self.rspec(report, files)
    Formatter.report = report
    config = RSpec.configuration
    config.add_formatter(Formatter)
    config.color_mode = :off
    RSpec::Core::Runner.disable_autorun!
    require "rspec/expectations"
    files.each { |file| report.loading(file) { load File.expand_path(file) } }
    RSpec::Core::Runner.new(RSpec::Core::ConfigurationOptions.new([])).run_specs(RSpec.world.ordered_example_groups) unless report.failed?
  end
end
