# frozen_string_literal: true

require "minitest"
require "minitest/spec"
require "minitest/mock"
require "stringio"

module Carrel
  # Notes on a failed assertion what it compared.
  module Values
    def self.note(name, &pair)
      define_method(name) do |*arguments, **options, &block|
        super(*arguments, **options, &block)
      rescue Minitest::Assertion => e
        unless e.is_a?(Minitest::Skip) || e.instance_variable_defined?(:@carrel_values)
          e.instance_variable_set(:@carrel_values, pair.call(*arguments))
        end
        raise
      end
    end

    note(:assert_equal) { |expected, actual, *| Carrel.pair(expected, actual) }
    note(:assert_same) { |expected, actual, *| Carrel.pair(expected, actual) }
    note(:assert_nil) { |actual, *| ["nil", Carrel.show(actual)] }
    note(:assert_in_delta) { |expected, actual, *| Carrel.pair(expected, actual) }
    note(:assert_includes) { |all, one, *| ["containing #{Carrel.show(one)}", Carrel.show(all)] }
    note(:assert_match) { |pattern, text, *| ["matching #{Carrel.show(pattern)}", Carrel.show(text)] }
    note(:assert_instance_of) { |kind, value, *| ["an instance of #{kind}", Carrel.show(value)] }
    note(:assert_raises) { |*kinds| [kinds.grep(Module).join(" or "), "no exception"] }
  end

  # Follows Minitest's run.
  class Reporter < Minitest::AbstractReporter
    def initialize(report)
      super()
      @report = report
      @all_passed = true
    end

    # The tests in the order of the files, in which people read them; they run in another.
    def start
      tests = Minitest::Runnable.runnables.flat_map { |kind| kind.runnable_methods.map { |name| [kind, name] } }
      tests = tests.map { |kind, name| describe(kind.name, name, kind.instance_method(name).source_location) }
      tests.sort_by { |t| [t["file"], t["line"]] }.each { |test| @report.planned(test) }
    end

    def prerecord(kind, name) = @report.began("#{kind.name}##{name}")

    def record(result)
      @all_passed &&= result.passed? || result.skipped?
      test = describe(result.klass, result.name, result.source_location)
      test.merge!("status" => "passed", "duration_ms" => result.time * 1000)
      test.merge!(outcome(result.failure)) if result.failure
      @report.ended(test)
    end

    # Without any test it is: that there is no report says more than an exit code.
    def passed? = @all_passed

    private

    def describe(kind, name, location)
      file, line = location
      words = name.sub(/\Atest_(\d{4}_)?/, "").tr("_", " ").strip
      group = kind.to_s.sub(/Test\z/, "")
      { "id" => "#{kind}##{name}", "name" => words.empty? ? name : words, "group" => group,
        "file" => @report.short(file.to_s), "line" => line.to_i }
    end

    def outcome(failure)
      return { "status" => "skipped", "message" => Carrel.clip(failure.message) } if failure.is_a?(Minitest::Skip)

      if failure.is_a?(Minitest::UnexpectedError)
        return { "status" => "errored", "message" => @report.message(failure.error) }.merge(@report.place(failure.error))
      end
      told = { "status" => "failed", "message" => @report.short(failure.message) }.merge(@report.place(failure))
      expected, actual = failure.instance_variable_get(:@carrel_values)
      expected ? told.merge("expected" => expected, "actual" => actual) : told
    end
  end

  # Makes Minitest report to us, and run when the program ends.
  def self.minitest(report)
    Minitest::Test.prepend(Values)
    Minitest.define_singleton_method(:plugin_carrel_init) do |_|
      reporter.reporters.replace([Reporter.new(report)])
    end
    Minitest.define_singleton_method(:load_plugins) { extensions.replace(["carrel"]) }
    Minitest.autorun
  end
end
