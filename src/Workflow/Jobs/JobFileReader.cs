using System.Text.Json;
using Workflow.Stages;

namespace Workflow.Jobs;

/// <summary>Reads jobs: whole, every fault at once.</summary>
public static class JobFileReader
{
    /// <summary>Reads and checks a job file.</summary>
    /// <param name="path">The job file.</param>
    /// <param name="table">Stages it may use.</param>
    /// <param name="sets"><c>path=value</c> arguments of the command line, in order; the last wins.</param>
    /// <param name="currentFolder">Folder that relative paths of <paramref name="path"/> and of <paramref name="sets"/> start from.</param>
    /// <param name="schedule">Schedule whose <c>set:</c> applies, before <paramref name="sets"/>; null reads the job as it stands and checks it with each schedule's too.</param>
    public static JobReading Read(string path, StageTable table, IReadOnlyList<string> sets, string currentFolder, string? schedule = null)
    {
        var faults = new FaultList();
        var file = Path.GetFullPath(path, currentFolder);
        if (!File.Exists(file))
        {
            throw new WorkflowException($"There is no job file '{path}'{(Directory.Exists(file) ? ": it is a folder" : "")}. Expected the path of a YAML file, such as jobs/quickstart.yaml.", exitCode: 2);
        }

        var root = RootOf(file);
        return Read(YamlText.ReadFile(file, path, faults), path, table, sets, new AllowedPaths(root, currentFolder, []), root, schedule, faults);
    }

    /// <summary>Reads and checks a job that was sent from elsewhere: neither it nor its sets may leave the root, whatever they say.</summary>
    /// <param name="text">The job file's text.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="table">Stages it may use.</param>
    /// <param name="sets"><c>path=value</c> arguments; their relative paths start from the root too.</param>
    /// <param name="root">Folder that its relative paths start from and that it stays inside.</param>
    public static JobReading ReadSent(string text, string name, StageTable table, IReadOnlyList<string> sets, string root)
    {
        var faults = new FaultList();
        return Read(YamlText.Read(text.TrimStart('\uFEFF'), name, faults), name, table, sets, new AllowedPaths(root, root, [], givenIsAllowed: false), root, null, faults);
    }

    static JobReading Read(JobNode? node, string path, StageTable table, IReadOnlyList<string> sets, AllowedPaths paths, string root, string? schedule, FaultList faults)
    {
        if (node is not JobMap job)
        {
            if (faults.Count == 0)
            {
                faults.Add(node?.Mark ?? new NodeMark(path, 1, 1), "", $"found {node?.Shape ?? "an empty file"}; expected a mapping with the keys {string.Join(", ", JobChecker.TopKeys)}.");
            }

            return new JobReading(null, faults.InOrder());
        }

        var spec = Check(schedule);
        foreach (var with in schedule is null ? ScheduleSets.Of(job) : [])
        {
            Check(with);
        }

        return new JobReading(faults.Count == 0 ? spec : null, faults.InOrder());

        JobSpec? Check(string? with)
        {
            var filled = (JobMap)job.Copy();
            var parameters = new JobParameters(filled.Find("parameters"), JobChecker.TopKeys, faults);
            ScheduleSets.Apply(with, filled, parameters, faults);
            SetArguments.Apply(sets, filled, parameters, JobChecker.TopKeys, faults);
            parameters.Require();
            if (filled.Find("stages") is { } stages)
            {
                filled.Set(new JobScalar(stages.Mark, "stages", quoted: false), parameters.Fill(stages, "stages"));
            }

            return new JobChecker(table, paths, faults).Check(filled, root);
        }
    }

    /// <summary>The job of a stored run, from <see cref="JobSpec.Json"/>: the same stages with the same options.</summary>
    /// <exception cref="WorkflowException">This program no longer knows a stage or option of it.</exception>
    public static JobSpec FromStored(string json, StageTable table)
    {
        var faults = new FaultList();
        using var document = JsonDocument.Parse(json);
        var (job, root, allowed) = JobJson.Read(document.RootElement, new NodeMark("stored job", 1, 1));
        var spec = new JobChecker(table, new AllowedPaths(root, root, allowed), faults).Check(job, root);
        return new JobReading(faults.Count == 0 ? spec : null, faults.InOrder()).Require();
    }

    /// <summary>The nearest folder above with a repository in it; else the parent of a <c>jobs</c> folder; else the file's own folder.</summary>
    public static string RootOf(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Path.Exists(Path.Combine(at, ".git")))
            {
                return at;
            }
        }

        return Path.GetFileName(folder) == "jobs" ? Path.GetDirectoryName(folder)! : folder;
    }
}
