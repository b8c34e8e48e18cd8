using System.Diagnostics;

namespace Workflow.Outside.Metrics;

/// <summary>What this process uses, under the names Prometheus's own libraries give.</summary>
static class ProcessMetrics
{
    /// <summary>Writes the families.</summary>
    public static void Write(PrometheusText text)
    {
        using var self = Process.GetCurrentProcess();
        text.Gauges("workflow_build_info", "1; the version is a label.", [([("version", ProgramVersion.Text), ("dotnet", Environment.Version.ToString())], 1)]);
        text.Counter("process_cpu_seconds_total", "Processor time used.", self.TotalProcessorTime.TotalSeconds);
        text.Gauge("process_resident_memory_bytes", "Memory held.", self.WorkingSet64);
        text.Gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        text.Gauge("process_threads", "Threads.", self.Threads.Count);
        if (Directory.Exists("/proc/self/fd"))
        {
            text.Gauge("process_open_fds", "Open files.", Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        }

        text.Gauge("dotnet_gc_heap_bytes", "Bytes on the managed heap.", GC.GetTotalMemory(false));
        text.Counter("dotnet_gc_pause_seconds_total", "Time the collector paused the process.", GC.GetTotalPauseDuration().TotalSeconds);
        text.Counters("dotnet_gc_collections_total", "Collections, by generation.", Enumerable.Range(0, GC.MaxGeneration + 1).Select(g => (new[] { ("generation", g.ToString()) }, (double)GC.CollectionCount(g))));
    }
}
