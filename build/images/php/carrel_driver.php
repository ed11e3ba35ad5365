<?php

// Calls functions of the learner's files for tests that run elsewhere. See harness/agent/cases for the
// protocol; it runs as the learner, and nobody trusts it.

declare(strict_types=1);

namespace Carrel;

use Error;
use RuntimeException;
use Throwable;

const MAX_LINE = 1 << 20;

/** What a result is that cannot be sent. */
final class NotPlainValue extends RuntimeException
{
}

final class TooLargeResult extends RuntimeException
{
}

/** Raises what a value is when it is no plain one. */
function plain($value): void
{
    if (is_array($value)) {
        array_walk($value, static fn ($v) => plain($v));
    } elseif (is_object($value)) {
        throw new NotPlainValue('an object of class ' . get_class($value));
    } elseif (is_resource($value)) {
        throw new NotPlainValue('a resource');
    } elseif (is_float($value) && !is_finite($value)) {
        throw new NotPlainValue("the number $value");
    } elseif (is_string($value) && preg_match('//u', $value) !== 1) {
        throw new NotPlainValue('a string that is not text');
    }
}

function call(string $name, array $arguments)
{
    $dot = strrpos($name, '.');
    [$path, $function] = [substr($name, 0, $dot), substr($name, $dot + 1)];
    require_once getcwd() . "/$path.php";
    $class = basename($path);
    if (function_exists($function)) {
        return $function(...$arguments);
    }
    if (class_exists($class, false) && method_exists($class, $function)) {
        return [$class, $function](...$arguments);
    }
    throw new Error("$path.php has no function $function");
}

function answer(array $request): string
{
    try {
        $result = call($request['call'], $request['args']);
        plain($result);
        $line = json_encode(
            ['id' => $request['id'], 'result' => $result],
            JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR,
        );
        if (strlen($line) >= MAX_LINE) {
            throw new TooLargeResult(strlen($line) . ' bytes');
        }
        return $line;
    } catch (Throwable $e) {
        $error = preg_replace('/^Carrel\\\\/', '', get_class($e));
        return json_encode(['id' => $request['id'], 'error' => $error, 'message' => substr($e->getMessage(), 0, 4096)], JSON_INVALID_UTF8_SUBSTITUTE);
    }
}

(static function (): void {
    $from = fopen('php://fd/3', 'r');
    $to = fopen('php://fd/3', 'w');
    while (($line = fgets($from)) !== false) {
        $text = answer(json_decode($line, true));
        while (ob_get_level() > 0) {
            ob_end_flush();
        }
        fwrite($to, "$text\n");
        fflush($to);
    }
})();
