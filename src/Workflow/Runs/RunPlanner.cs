using Workflow.Artifacts;
using Workflow.Jobs;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>Turns a job into nodes: one per stage, or one per partition and one that gathers them.</summary>
static class RunPlanner
{
    /// <summary>Plans a job; hashes the external files its stages name.</summary>
    /// <param name="job">The job.</param>
    /// <param name="only">Which stages, by name; null plans all.</param>
    public static List<PlannedNode> Plan(JobSpec job, Func<string, bool>? only = null)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        var context = new PlanContext(job.Root, job.Seed, path =>
        {
            if (!hashes.TryGetValue(path, out var hash))
            {
                hashes.Add(path, hash = ArtifactStore.HashFile(path).Hash);
            }

            return hash;
        });
        var nodes = new List<PlannedNode>();
        for (var i = 0; i < job.Stages.Count; i++)
        {
            if (only?.Invoke(job.Stages[i].Name) == false)
            {
                continue;
            }

            nodes.AddRange(PlanStage(job.Stages[i], i, context));
        }

        return nodes;
    }

    static IEnumerable<PlannedNode> PlanStage(StageSpec spec, int ordinal, PlanContext context)
    {
        string[] upstreams = [.. spec.From.Values.SelectMany(refs => refs).Where(r => r.ModelSlot is null).Select(r => r.Stage).Distinct().Order(StringComparer.Ordinal)];
        var partitions = spec.Stage.Partition(spec.Options, context).OrderBy(p => p.Key, StringComparer.Ordinal).ToList();
        if (partitions.Count == 0)
        {
            var files = spec.Stage.ExternalFiles(spec.Options, context).OrderBy(f => f.Name, StringComparer.Ordinal).ToList();
            return [new PlannedNode(spec.Name, spec, "single", ordinal, null, files, upstreams)];
        }

        var parts = partitions.ConvertAll(p => new PlannedNode($"{spec.Name}/{p.Key}", spec, "partition", ordinal, p, p.Files, upstreams));
        return [.. parts, new PlannedNode(spec.Name, spec, "gather", ordinal, null, [], [.. upstreams, .. parts.Select(p => p.NodeId)])];
    }
}
