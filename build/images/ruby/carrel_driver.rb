# frozen_string_literal: true

# Calls functions of the learner's files for tests that run elsewhere. See harness/agent/cases for the
# protocol; it runs as the learner, and nobody trusts it.

require "json"

module Carrel
  MAX_LINE = 1 << 20

  # What a result is that cannot be sent.
  class NotPlainValue < StandardError; end
  class TooLargeResult < StandardError; end

  # The object that a file's functions belong to.
  MAIN = TOPLEVEL_BINDING.receiver

  def self.plain(value)
    case value
    when nil, true, false, Integer then value
    when String then value.encode(Encoding::UTF_8)
    when Symbol then value.to_s
    when Float
      raise NotPlainValue, "the number #{value}" unless value.finite?

      value
    when Array then value.map { |v| plain(v) }
    when Hash then value.to_h { |k, v| [k.is_a?(String) || k.is_a?(Symbol) ? k.to_s : raise(NotPlainValue, "a Hash with a key of class #{k.class}"), plain(v)] }
    else raise NotPlainValue, "an object of class #{value.class}"
    end
  rescue EncodingError
    raise NotPlainValue, "a String that is not text"
  end

  def self.call(name, arguments)
    path, _, function = name.rpartition(".")
    require File.expand_path("#{path}.rb")
    return MAIN.send(function, *arguments) if MAIN.respond_to?(function, true)

    # Functions may live in a module that is called like the file.
    modules = File.basename(path).split("_").map(&:capitalize).join
    owner = Object.const_get(modules) if Object.const_defined?(modules)
    raise NoMethodError, "#{path}.rb has no method #{function}" unless owner.respond_to?(function)

    owner.public_send(function, *arguments)
  end

  def self.answer(request)
    id = request["id"]
    line = JSON.generate("id" => id, "result" => plain(call(request["call"], request["args"])))
    raise TooLargeResult, "#{line.bytesize} bytes" if line.bytesize >= MAX_LINE

    line
  rescue SystemExit
    raise
  rescue Exception => e # a learner's code may raise anything
    error = e.class.name.to_s.delete_prefix("Carrel::")
    JSON.generate("id" => id, "error" => error, "message" => e.message.to_s.scrub[0, 4096])
  end

  def self.serve
    channel = IO.for_fd(3, "r+")
    channel.set_encoding(Encoding::UTF_8)
    $stdout.sync = $stderr.sync = true
    while (line = channel.gets)
      channel.write("#{answer(JSON.parse(line))}\n")
      channel.flush
    end
  end
end

Carrel.serve
