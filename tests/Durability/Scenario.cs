namespace Durability;

/// <summary>A family of faults: its schedules, played against the real code, with real processes where the fault is one of processes.</summary>
public abstract class Scenario
{
    /// <summary>Number in the list of faults: F17.</summary>
    public abstract string Name { get; }

    /// <summary>The fault, in words.</summary>
    public abstract string Fault { get; }

    /// <summary>What its waits measure.</summary>
    public virtual string Clock => "from the fault to the next commit";

    /// <summary>The engines it is tried on.</summary>
    public virtual IReadOnlyList<string> Engines => FaultHost.Engines.Names;

    /// <summary>Why it cannot be tried on this machine; null where it can.</summary>
    public virtual string? Lacking => null;

    /// <summary>Its schedules: the same on every call.</summary>
    /// <param name="full">All of them; otherwise the few that every change is tried on.</param>
    public abstract IEnumerable<Trial> Trials(bool full);

    /// <summary>The schedules that mean something on an engine.</summary>
    public virtual IEnumerable<Trial> TrialsOn(string engine, bool full) => Trials(full);

    /// <summary>Bugs that it must see: a family that cannot fail proves nothing.</summary>
    public abstract IEnumerable<Mutation> Mutations { get; }

    /// <summary>Plays schedules, as many at a time as there are cores, and adds up what they show.</summary>
    /// <param name="trials">The schedules.</param>
    /// <param name="setting">Under what.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Findings> PlayAsync(IEnumerable<Trial> trials, Setting setting, CancellationToken cancellationToken)
    {
        var sum = new Findings();
        var gate = new Lock();
        await Parallel.ForEachAsync(trials, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount), CancellationToken = cancellationToken }, async (trial, token) =>
        {
            var findings = await GuardedAsync(trial, setting, token);
            for (var i = 0; i < findings.Violations.Count; i++)
            {
                findings.Violations[i] = $"{trial.Name}: {findings.Violations[i]}";
            }

            lock (gate)
            {
                sum.Add(findings);
            }
        });
        sum.Violations.Sort(StringComparer.Ordinal);
        sum.Waits.Sort();
        return sum;
    }

    /// <summary>What ends otherwise than by itself is a violation like any other; what hangs, too.</summary>
    static async Task<Findings> GuardedAsync(Trial trial, Setting setting, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(setting.Mutant is null ? TimeSpan.FromMinutes(5) : TimeSpan.FromSeconds(10));
        try
        {
            return await trial.PlayAsync(setting, limit.Token);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            var findings = new Findings();
            findings.Violations.Add(fault is OperationCanceledException ? "it did not end" : fault.ToString());
            return findings;
        }
    }
}
