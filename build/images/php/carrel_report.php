<?php

declare(strict_types=1);

namespace Carrel;

use PHPUnit\Framework\AssertionFailedError;
use PHPUnit\Framework\ExceptionWrapper;
use PHPUnit\Framework\ExpectationFailedException;
use PHPUnit\Framework\Test;
use PHPUnit\Framework\TestCase;
use PHPUnit\Framework\TestListener;
use PHPUnit\Framework\TestListenerDefaultImplementation;
use PHPUnit\Framework\TestSuite;
use PHPUnit\Framework\Warning;
use ReflectionMethod;
use SebastianBergmann\Exporter\Exporter;
use Throwable;

/** Follows the run and writes the report: one JSON object per line, the last one about a test counts. */
final class Report implements TestListener
{
    use TestListenerDefaultImplementation;

    private const LONGEST = 4096; // bytes of any one text

    /** @var resource */
    private $channel;
    private string $root;
    private string $loading = '';
    private bool $failed = false;
    /** What went wrong in the test that is running. */
    private array $outcome = [];

    public function __construct(string $root)
    {
        $this->root = $root;
        $channel = @fopen('php://fd/3', 'w');
        if ($channel === false) {
            fwrite(STDERR, "The report cannot be written.\n");
            exit(2);
        }
        $this->channel = $channel;
        register_shutdown_function(fn () => $this->ended());
    }

    /** Loads a file. One that cannot be is reported: its tests are not there. */
    public function loading(string $file, callable $load): void
    {
        $this->loading = $file;
        try {
            $load();
        } catch (Throwable $e) {
            $this->unloadable($file, get_class($e) . ': ' . $e->getMessage(), $e->getFile(), $e->getLine());
        }
        $this->loading = '';
    }

    /** PHP ends the program where a required file is missing, without telling anybody. */
    private function ended(): void
    {
        $error = error_get_last();
        if ($this->loading !== '' && $error !== null && ($error['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR)) !== 0) {
            $this->unloadable($this->loading, $error['message'], $error['file'], $error['line']);
        }
    }

    private function unloadable(string $id, string $message, string $file, int $line): void
    {
        if (!str_starts_with($file, "$this->root/")) {
            [$file, $line] = ["$this->root/$id", 0];
        }
        $file = $this->short($file);
        $message = $this->short(strtok($message, "\n"));
        $this->tell(['id' => $id, 'name' => $id, 'group' => 'build', 'status' => 'errored', 'file' => $file, 'line' => $line, 'message' => $message]);
        $this->failed = true;
        echo "✗ $id\n    $file:$line: $message\n";
    }

    public function planned(TestSuite $suite): void
    {
        foreach ($suite->tests() as $test) {
            if ($test instanceof TestSuite) {
                $this->planned($test);
            } else {
                $this->tell(['plan' => [$this->describe($test)]]);
            }
        }
    }

    public function startTest(Test $test): void
    {
        $this->outcome = ['status' => 'passed'];
        $this->tell(['status' => 'running'] + $this->describe($test));
    }

    public function addError(Test $test, Throwable $t, float $time): void
    {
        $frames = [];
        foreach (array_merge([['file' => $t->getFile(), 'line' => $t->getLine()]], $t->getTrace()) as $frame) {
            if (str_starts_with($frame['file'] ?? '', "$this->root/")) {
                $frames[] = '  ' . $this->short($frame['file']) . ':' . $frame['line'];
            }
        }
        if (count($frames) > 12) {
            array_splice($frames, 6, -6, ['  ...']);
        }
        $class = $t instanceof ExceptionWrapper ? $t->getClassName() : get_class($t);
        $this->note('errored', $t, implode("\n", array_merge([$class . ': ' . $t->getMessage()], $frames)));
    }

    public function addFailure(Test $test, AssertionFailedError $e, float $time): void
    {
        $this->note('failed', $e, $e->getMessage());
        $compared = $e instanceof ExpectationFailedException ? $e->getComparisonFailure() : null;
        if ($compared !== null) {
            $this->outcome['expected'] = $this->show($compared->getExpected());
            $this->outcome['actual'] = $this->show($compared->getActual());
        } elseif (preg_match('/^Failed asserting that exception of type "(.+)" is thrown\.$/', $e->getMessage(), $found)) {
            $this->outcome += ['expected' => $found[1], 'actual' => 'no exception'];
        }
    }

    public function addWarning(Test $test, Warning $e, float $time): void
    {
        $this->note('errored', $e, $e->getMessage());
    }

    public function addIncompleteTest(Test $test, Throwable $t, float $time): void
    {
        $this->note('skipped', $t, $t->getMessage());
    }

    public function addSkippedTest(Test $test, Throwable $t, float $time): void
    {
        $this->note('skipped', $t, $t->getMessage());
    }

    public function endTest(Test $test, float $time): void
    {
        $line = $this->outcome + $this->describe($test) + ['duration_ms' => $time * 1000];
        if ($test instanceof TestCase && $test->getActualOutput() !== '') {
            $line['output'] = $this->clip($test->getActualOutput());
        }
        $this->tell($line);
        $status = $line['status'];
        $this->failed = $this->failed || $status === 'failed' || $status === 'errored';
        echo ['passed' => '✓', 'skipped' => '-'][$status] ?? '✗', ' ', $line['name'], "\n";
        if ($status === 'failed' || $status === 'errored') {
            echo preg_replace('/^/m', '    ', $line['message']), "\n";
        }
    }

    /** Returns the exit code. */
    public function finish(): int
    {
        return $this->failed ? 1 : 0;
    }

    private function note(string $status, Throwable $t, string $message): void
    {
        if ($this->outcome['status'] !== 'passed') {
            return; // the first problem counts
        }
        $this->outcome = ['status' => $status, 'message' => $this->short($message)];
        foreach (array_merge([['file' => $t->getFile(), 'line' => $t->getLine()]], $t->getTrace()) as $frame) {
            if (str_starts_with($frame['file'] ?? '', "$this->root/")) {
                $this->outcome += ['file' => $this->short($frame['file']), 'line' => $frame['line']];
                return;
            }
        }
    }

    private function describe(Test $test): array
    {
        if (!$test instanceof TestCase) {
            return ['id' => get_class($test), 'name' => get_class($test)];
        }
        $method = $test->getName(false);
        $words = trim(preg_replace('/^test_?/', '', $method));
        $words = strtolower(trim(preg_replace('/(?<=[a-z0-9])(?=[A-Z])|_/', ' ', $words)));
        $told = [
            'id' => get_class($test) . '::' . $test->getName(),
            'name' => ($words !== '' ? $words : $method) . $test->getDataSetAsString(false),
            'group' => preg_replace('/Test$/', '', get_class($test)),
        ];
        if (method_exists($test, $method)) {
            $place = new ReflectionMethod($test, $method);
            $told += ['file' => $this->short($place->getFileName()), 'line' => $place->getStartLine()];
        }
        return $told;
    }

    private function show($value): string
    {
        if (is_string($value) && str_contains(rtrim($value, "\n"), "\n")) {
            return $this->clip($value);
        }
        // The exporter numbers arrays and objects for the sake of loops.
        return $this->clip(preg_replace('/^(\s*.*?(?:Array|Object)) &\w+ \(/m', '$1 (', (new Exporter())->export($value)));
    }

    private function short(string $text): string
    {
        return $this->clip(str_replace("$this->root/", '', $text));
    }

    private function clip(string $text): string
    {
        if (strlen($text) <= self::LONGEST) {
            return $text;
        }
        return substr($text, 0, self::LONGEST) . "\n... " . (strlen($text) - self::LONGEST) . ' bytes left out ...';
    }

    private function tell(array $line): void
    {
        $text = json_encode($line, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
        @fwrite($this->channel, "$text\n"); // no report is a verdict of its own
    }
}
