# frozen_string_literal: true

# A Ruby that has its libraries loaded and forks for each request, so that a check does not wait for
# them. It is started by the agent as root and reads no byte of a learner's: a child opens the program
# after it has become the learner's user. See harness/agent for the protocol.
#
# It understands: ruby [-W0] /usr/lib/carrel/FILE.rb ARGS. Another program would see in its backtraces
# that it was loaded.

require "json"
require "socket"

require "/usr/lib/carrel/carrel_report"
require "/usr/lib/carrel/carrel_minitest"

module Carrel
  # Serves requests until the agent is gone.
  class Zygote
    # System calls that Ruby has no method for.
    CALLS = RUBY_PLATFORM.start_with?("aarch64") ? { wait4: 260, dup3: 24, prctl: 167 } : { wait4: 61, dup3: 292, prctl: 157 }
    PR_SET_DUMPABLE = 4
    WNOHANG = 1
    MOST_BYTES = 64 << 10
    PROGRAMS = %r{\A/usr/lib/carrel/\w+\.rb\z}

    def initialize
      @agent = Socket.for_fd(3)
      @ended, @end = IO.pipe
      @children = {} # process id to request id
      trap("CHLD") { @end.write_nonblock(".", exception: false) }
    end

    def serve
      tell("ready" => true)
      loop do
        readable, = IO.select([@agent, @ended])
        reap if readable.include?(@ended)
        next unless readable.include?(@agent)

        text, _, _, *controls = @agent.recvmsg(MOST_BYTES, 0, 4096, scm_rights: true)
        return if text.nil? || text.empty?

        passed = controls.select { |c| c.cmsg_is?(:SOCKET, :RIGHTS) }.flat_map(&:unix_rights)
        program = answer(JSON.parse(text), passed)
        return program if program
      end
    end

    private

    def tell(message) = @agent.sendmsg(JSON.generate(message))

    # Returns the program to run in a child, nil in the zygote itself.
    def answer(request, passed)
      argv = request["argv"].dup
      command = argv.shift
      argv.shift if argv.first == "-W0"
      program = argv.shift
      unless command == "ruby" && PROGRAMS.match?(program.to_s)
        tell("id" => request["id"], "unsupported" => "only Carrel's own programs are")
        return
      end
      pid = fork
      if pid.nil?
        become(request, passed, argv)
        return program
      end
      @children[pid] = request["id"]
      tell("id" => request["id"], "pid" => pid)
      nil
    rescue SystemCallError => e
      tell("id" => request["id"], "unsupported" => e.message)
      nil
    ensure
      passed.each(&:close) unless pid.nil?
    end

    # Makes the child what a fresh interpreter would be.
    def become(request, passed, argv)
      trap("CHLD", "DEFAULT")
      Process.setsid
      [@ended, @end].each(&:close)
      place(passed, request["fds"])
      File.write("/proc/self/oom_score_adj", "1000")
      limit(request["limits"])
      Process.groups = []
      Process::GID.change_privilege(request["gid"])
      Process::UID.change_privilege(request["uid"])
      File.umask(0o022)
      syscall(CALLS[:prctl], PR_SET_DUMPABLE, 1, 0, 0, 0)
      Dir.chdir(request["cwd"])
      ENV.replace(request["env"].to_h { |pair| pair.split("=", 2) })
      ARGV.replace(argv)
      srand
    rescue StandardError => e
      warn "The program could not be started: #{e.message}"
      exit! 126
    end

    # Gives the passed descriptors their numbers. First out of the way of those numbers.
    def place(passed, numbers)
      high = passed.map { |io| io.fcntl(Fcntl::F_DUPFD, 64) }
      passed.each(&:close)
      @agent.autoclose = false
      IO.for_fd(3).close unless numbers.include?(3)
      high.zip(numbers) { |from, to| syscall(CALLS[:dup3], from, to, 0) }
      high.each { |fd| IO.for_fd(fd).close }
    end

    def limit(limits)
      { "fsize" => Process::RLIMIT_FSIZE, "nproc" => Process::RLIMIT_NPROC }.each do |name, resource|
        Process.setrlimit(resource, limits[name]) if limits[name].to_i.positive?
      end
      cpu, hard = limits["cpu"].to_i, limits["cpu_hard"].to_i
      Process.setrlimit(Process::RLIMIT_CPU, cpu, hard.positive? ? hard : cpu) if cpu.positive?
      Process.setrlimit(Process::RLIMIT_CORE, 0)
    end

    # Where the bytes of a string are: syscall takes no string with a zero in it.
    def address(string) = [string].pack("P").unpack1("J")

    # Tells of the children that have ended. Ruby's own wait knows nothing of their memory.
    def reap
      @ended.read_nonblock(MOST_BYTES, exception: false)
      until @children.empty?
        status, usage = "\0" * 4, "\0" * 256
        pid = syscall(CALLS[:wait4], -1, address(status), WNOHANG, address(usage))
        return if pid <= 0

        user_s, user_us, system_s, system_us, memory = usage.unpack("q5")
        id = @children.delete(pid)
        next if id.nil?

        tell("id" => id, "status" => status.unpack1("L"), "utime_us" => user_s * 1_000_000 + user_us,
             "stime_us" => system_s * 1_000_000 + system_us, "maxrss_kb" => memory)
      end
    rescue Errno::ECHILD
      nil
    end
  end
end

require "fcntl"
GC.start
program = Carrel::Zygote.new.serve
if program
  $PROGRAM_NAME = program
  load program
end
