# frozen_string_literal: true

# Runs the tests of an exercise and reports each as it goes.
#
#   ruby carrel_check.rb [file...]
#
# Without files it takes *_test.rb, test_*.rb and *_spec.rb below this folder: Minitest's, and RSpec's
# where a spec asks for it.

require "/usr/lib/carrel/carrel_report"
require "/usr/lib/carrel/carrel_minitest"

files = ARGV.empty? ? Dir.glob(["**/*_test.rb", "**/test_*.rb", "**/*_spec.rb"]).uniq.sort : ARGV.dup
abort "There are no test files here." if files.empty?
ARGV.clear
root = Dir.pwd
["lib", "test", "spec", "."].each { |folder| $LOAD_PATH.unshift(File.join(root, folder)) }

report = Carrel::Report.new(root)
specs, tests = files.partition { |file| file.end_with?("_spec.rb") && !File.read(file, encoding: "UTF-8").scrub.include?("minitest") }
Carrel.minitest(report) unless tests.empty?
tests.each { |file| report.loading(file) { load File.join(root, file) } }
unless specs.empty?
  require "/usr/lib/carrel/carrel_rspec"
  Carrel.rspec(report, specs)
end
# Minitest runs when this file ends: what its tests require may have asked for that already.
at_exit { exit 1 if report.failed? } if tests.empty? || report.failed?
