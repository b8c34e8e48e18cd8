using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Lineage;

/// <summary>All that is compared of one run.</summary>
sealed class DiffSide
{
    const int MostStages = 500, MostSlots = 200, MostFiles = 2000;

    /// <summary>The run.</summary>
    public required DiffRun Run { get; init; }

    /// <summary>Options by stage and path, in the job's order.</summary>
    public Dictionary<string, string> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>Inputs and outputs.</summary>
    public Dictionary<(string Stage, string Direction, string Slot), DiffArtifact> Data { get; } = [];

    /// <summary>Hash by name of files outside.</summary>
    public Dictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Commit, build, and the code of each stage.</summary>
    public Dictionary<string, string> Code { get; } = new(StringComparer.Ordinal);

    /// <summary>Hosts and classes.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>State and time of each stage, in the job's order.</summary>
    public Dictionary<string, DiffStage> Stages { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether there is more than was read.</summary>
    public bool Cut { get; private set; }

    /// <summary>Reads a run.</summary>
    /// <exception cref="WorkflowException">There is none.</exception>
    public static DiffSide Read(LedgerConnection db, string run)
    {
        var side = db.First("""
            SELECT r.run_id, r.pipeline, r.state, r.created_us, r.started_us, r.ended_us, r.seed, r.threads, c.git_sha, c.git_dirty, c.assemblies_json, r.code_id FROM run r LEFT JOIN code_version c USING(code_id) WHERE r.run_id=?1
            """, r =>
        {
            var found = new DiffSide { Run = new DiffRun(r.Text(0), r.Text(1), r.Text(2), LedgerTime.FromMicros(r.Number(3)), (r.NumberOrNull(5) - r.NumberOrNull(4)) / 1e6) };
            found.Parameters["seed"] = r.Text(6);
            found.Parameters["threads"] = r.Text(7);
            if (r.TextOrNull(8) is { } sha)
            {
                found.Code["git commit"] = sha + (r.NumberOrNull(9) == 1 ? " with local changes" : "");
            }

            found.Builds(r.TextOrNull(10));
            return (Side: found, Code: r.Text(11));
        }, run);
        if (side.Side is null)
        {
            throw new WorkflowException($"No run '{run}' in this home. `workflow runs` lists what there is.", exitCode: 2);
        }

        side.Side.ReadStages(db, side.Code);
        return side.Side;
    }

    void Builds(string? assemblies)
    {
        try
        {
            foreach (var assembly in JsonSerializer.Deserialize<List<string>>(assemblies ?? "[]") ?? [])
            {
                var space = assembly.LastIndexOf(' ');
                Code[$"build of {(space < 0 ? assembly : assembly[..space])}"] = assembly[(space + 1)..];
            }
        }
        catch (JsonException)
        {
            // Of another version of this program: not to be told apart here.
        }
    }

    void ReadStages(LedgerConnection db, string code)
    {
        var nodes = db.Query("""
            SELECT n.node_id, n.uses, n.state, n.key_json, p.semantic_json, p.operational_json, n.plan_json, s.began_us, s.ended_us, s.attempts,
              (SELECT SUM(y.n) FROM node_tally y WHERE y.run_id=n.run_id AND y.stage=n.stage AND y.kind='partition'),
              COALESCE((SELECT u.attempt_id FROM node_reuse u WHERE u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'), (SELECT t.attempt_id FROM attempt t WHERE t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch)),
              (SELECT group_concat(DISTINCT c.declared_version||' '||c.stage_code_hash) FROM stage_code c WHERE c.stage=n.uses AND c.code_id=?2)
            FROM node n JOIN param_set p USING(param_id) LEFT JOIN stage_span s ON s.run_id=n.run_id AND s.stage=n.stage WHERE n.run_id=?1 AND n.kind<>'partition' ORDER BY n.ordinal, n.node_id LIMIT ?3
            """, r => (Node: r.Text(0), Uses: r.Text(1), State: r.Text(2), Key: r.TextOrNull(3), Semantic: r.Text(4), Operational: r.Text(5), Plan: r.Text(6), Began: r.NumberOrNull(7), Ended: r.NumberOrNull(8),
                Attempts: r.NumberOrNull(9) ?? 0, Parts: r.NumberOrNull(10) ?? 0, Attempt: r.TextOrNull(11), Code: r.TextOrNull(12)), Run.RunId, code, MostStages);
        foreach (var node in nodes)
        {
            Stages[node.Node] = new DiffStage(node.State, (node.Ended - node.Began) / 1e6, node.Parts, node.Attempts);
            Parameters[$"{node.Node}: uses"] = node.Uses;
            Flat(Parameters, $"{node.Node}.", node.Semantic);
            Flat(Parameters, $"{node.Node}.", node.Operational);
            if (node.Code is { } stageCode)
            {
                Code[$"stage {node.Node} ({node.Uses})"] = stageCode;
            }

            Classes(node.Node, node.Key);
            if (node.Attempt is { } attempt)
            {
                Slots(db, node.Node, attempt);
            }

            Planned(node.Plan);
            if (node.Parts > 0)
            {
                var plans = db.Query("SELECT plan_json FROM node WHERE run_id=?1 AND stage=?2 AND kind='partition' LIMIT ?3", r => r.Text(0), Run.RunId, node.Node, MostFiles + 1);
                Cut |= plans.Count > MostFiles;
                plans.ForEach(Planned);
            }
        }

        var hosts = db.Query("SELECT DISTINCT host FROM (SELECT host FROM attempt WHERE run_id=?1 AND host IS NOT NULL ORDER BY started_us LIMIT 1000) ORDER BY host LIMIT 20", r => r.Text(0), Run.RunId);
        if (hosts.Count > 0)
        {
            Environment["hosts"] = string.Join(", ", hosts);
        }

        foreach (var (os, dotnet, machine) in db.Query("""
            SELECT e.os, e.dotnet, e.env_class FROM (SELECT env_id FROM attempt WHERE run_id=?1 AND env_id IS NOT NULL ORDER BY started_us DESC LIMIT 1) t JOIN environment e USING(env_id)
            """, r => (r.TextOrNull(0) ?? "", r.TextOrNull(1) ?? "", r.Text(2)), Run.RunId))
        {
            (Environment["operating system"], Environment[".NET"], Environment["machine"]) = (os, dotnet, machine);
        }
    }

    void Classes(string node, string? key)
    {
        if (key is null)
        {
            return;
        }

        using var json = JsonDocument.Parse(key);
        if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("environment", out var environment))
        {
            Flat(Environment, $"{node}: ", environment);
        }
    }

    void Slots(LedgerConnection db, string node, string attempt)
    {
        foreach (var dir in (string[])["in", "out"])
        {
            // What partitions handed to the node that gathers them is between the two ranges: it is told by what the node made.
            foreach (var range in (string[])["slot<'partition:'", "slot>='partition;'"])
            {
                var rows = db.Query($"""
                    SELECT e.slot, e.ordinal, a.artifact_id, a.logical_hash, a.rows, a.size FROM edge e JOIN artifact a USING(artifact_id) WHERE e.attempt_id=?1 AND e.dir=?2 AND e.{range} ORDER BY e.slot, e.ordinal LIMIT ?3
                    """, r => (Slot: r.Number(1) > 0 ? $"{r.Text(0)}[{r.Number(1)}]" : r.Text(0), Artifact: new DiffArtifact(r.Text(2), r.Text(3), r.NumberOrNull(4), r.Number(5))), attempt, dir, MostSlots + 1);
                Cut |= rows.Count > MostSlots;
                foreach (var (slot, artifact) in rows)
                {
                    Data[(node, dir, slot)] = artifact;
                }
            }
        }
    }

    void Planned(string plan)
    {
        foreach (var file in PlannedFile.Of(plan))
        {
            Files[file.Name] = file.Hash;
        }
    }

    static void Flat(Dictionary<string, string> values, string prefix, string json)
    {
        using var document = JsonDocument.Parse(json);
        Flat(values, prefix, document.RootElement);
    }

    static void Flat(Dictionary<string, string> values, string prefix, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                Flat(values, prefix.EndsWith(' ') || prefix.EndsWith('.') ? prefix + property.Name : $"{prefix}.{property.Name}", property.Value);
            }
        }
        else
        {
            values[prefix.TrimEnd(' ', ':', '.')] = element.ValueKind == JsonValueKind.String ? element.GetString()! : CanonicalJson.Of(element);
        }
    }
}
