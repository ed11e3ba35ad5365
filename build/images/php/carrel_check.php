<?php

// Runs the PHPUnit tests of an exercise and reports each as it goes.
//
//   php carrel_check.php [file...]
//
// Without files it takes *Test.php below this folder.

declare(strict_types=1);

require '/usr/share/php/PHPUnit/Autoload.php';
require '/usr/lib/carrel/carrel_report.php';

use PHPUnit\Framework\TestResult;
use PHPUnit\Framework\TestSuite;

(static function (array $files): void {
    $root = getcwd();
    if ($files === []) {
        $found = new RecursiveIteratorIterator(new RecursiveCallbackFilterIterator(
            new RecursiveDirectoryIterator($root, FilesystemIterator::SKIP_DOTS),
            static fn ($file) => $file->getFilename()[0] !== '.' && $file->getFilename() !== 'vendor',
        ));
        foreach ($found as $file) {
            if (str_ends_with($file->getFilename(), 'Test.php')) {
                $files[] = substr($file->getPathname(), strlen($root) + 1);
            }
        }
        sort($files);
    }
    if ($files === []) {
        fwrite(STDERR, "There are no test files here.\n");
        exit(2);
    }
    if (is_file("$root/vendor/autoload.php")) {
        require "$root/vendor/autoload.php";
    }
    $report = new Carrel\Report($root);
    $suite = new TestSuite('exercise');
    foreach ($files as $file) {
        $report->loading($file, static fn () => $suite->addTestFile("$root/$file"));
    }
    $report->planned($suite);
    $result = new TestResult();
    $result->addListener($report);
    $suite->run($result);
    exit($report->finish());
})(array_slice($argv, 1));
