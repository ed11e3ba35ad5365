# frozen_string_literal: true

require "json"
require "pp"

module Carrel
  LONGEST = 4096 # characters of any one text

  def self.clip(text)
    text = text.to_s.dup.force_encoding(Encoding::UTF_8).scrub("\u{fffd}")
    return text if text.length <= LONGEST

    head = LONGEST * 3 / 4
    tail = LONGEST / 4
    "#{text[0, head]}\n... #{text.length - head - tail} characters left out ...\n#{text[-tail..]}"
  end

  # The value as a person would write it, without addresses, which differ from run to run.
  def self.show(value)
    clip(value.inspect.gsub(/:?0x\h{6,}/, ""))
  rescue StandardError, SystemStackError, NotImplementedError => e
    "a #{value.class} whose inspect raises #{e.class}"
  end

  # Both values as text. Two strings of which one has several lines stay as they are.
  def self.pair(expected, actual)
    if expected.is_a?(String) && actual.is_a?(String) && (expected + actual).match?(/\n./)
      [clip(expected), clip(actual)]
    else
      [show(expected), show(actual)]
    end
  end

  # Passes on what is printed, and keeps it with the test that is running.
  class Listener
    def initialize(io, report)
      @io = io
      @report = report
    end

    def write(*parts)
      parts.each { |part| @report.printed(part.to_s) }
      @io.write(*parts)
    end

    def print(*parts) = (write(*(parts.empty? ? [$_] : parts)); nil)
    def <<(part) = (write(part); self)
    def printf(*parts) = (write(format(*parts)) unless parts.empty?; nil)
    def putc(char) = (write(char.is_a?(String) ? char[0] : (char.to_i & 0xff).chr); char)

    def puts(*lines)
      buffer = StringIO.new
      buffer.puts(*lines)
      write(buffer.string)
      nil
    end

    def respond_to_missing?(name, all = false) = @io.respond_to?(name, all)
    def method_missing(name, ...) = @io.public_send(name, ...)
  end

  # Writes the report: one JSON object per line, the last one about a test counts.
  class Report
    attr_reader :root

    def initialize(root)
      @root = root
      @channel = IO.for_fd(3, "w", autoclose: false)
      @channel.sync = true
      @failed = false
      @output = nil
      @said = $stdout
      $stdout = Listener.new($stdout, self)
      $stderr = Listener.new($stderr, self)
    rescue SystemCallError => e
      abort "The report cannot be written: #{e.message}"
    end

    def failed? = @failed

    def printed(text)
      @output << text if @output && @output.length < 4 * LONGEST
    end

    def planned(test) = tell("plan" => [test])

    def began(id)
      @output = +""
      tell("id" => id, "status" => "running")
    end

    def ended(test)
      @output, output = nil, @output
      test["output"] = Carrel.clip(output) if output && !output.empty?
      tell(test)
      @failed ||= %w[failed errored].include?(test["status"])
      mark = { "passed" => "✓", "skipped" => "-" }.fetch(test["status"], "✗")
      @said.puts "#{mark} #{test["name"]}"
      @said.puts test["message"].to_s.gsub(/^/, "    ") if mark == "✗"
    end

    # Loads a file. One that cannot be is reported: its tests are not there.
    def loading(file)
      yield
    rescue SystemExit
      raise
    rescue Exception => e # a SyntaxError is none of the standard ones
      place = place(e)
      text = Carrel.clip(short("#{e.class}: #{e.message}"))
      if (found = e.message.match(/^(\S+?\.rb):(\d+): /)) && e.is_a?(SyntaxError)
        place = { "file" => short(found[1]), "line" => found[2].to_i }
        text = Carrel.clip(short(e.message))
      end
      ended({ "id" => file, "name" => file, "group" => "build", "status" => "errored", "file" => file, "message" => text }.merge(place))
    end

    # The deepest place in the workspace.
    def place(error)
      (error.backtrace || []).each do |line|
        found = line.match(/\A#{Regexp.escape(@root)}\/(.+?):(\d+)/)
        return { "file" => found[1], "line" => found[2].to_i } if found
      end
      {}
    end

    # The message of an error nobody expected, with its way through the workspace.
    def message(error)
      frames = (error.backtrace || []).select { |line| line.start_with?("#{@root}/") }
      frames = frames[0, 6] + ["... #{frames.length - 12} more ..."] + frames[-6..] if frames.length > 12
      Carrel.clip(short(["#{error.class}: #{error.message}", *frames.map { |line| "  #{line}" }].join("\n")))
    rescue StandardError, NotImplementedError
      "#{error.class}, whose text cannot be shown"
    end

    def short(text) = Carrel.clip(text).gsub("#{@root}/", "")

    private

    def tell(line)
      @channel.write("#{JSON.generate(line)}\n")
    rescue SystemCallError, IOError
      nil # no report is a verdict of its own
    end
  end
end
