using Workflow.Dashboard.Access;

namespace Workflow.Dashboard;

/// <summary>How the dashboard is served.</summary>
public sealed record DashboardOptions
{
    /// <summary>Folder of the home whose ledger is shown.</summary>
    public required string Home { get; init; }

    /// <summary>Address to listen on: http or https. Port 0 takes a free one. Beyond loopback people sign in, see <see cref="Access"/>.</summary>
    public string Url { get; init; } = "http://127.0.0.1:5080";

    /// <summary>Clock for times on pages.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What the serving process knows of itself; null where this process only shows the home.</summary>
    public Outside.Health.HostPulse? Pulse { get; init; }

    /// <summary>What people may do here; what it lacks is served for looking only.</summary>
    public DashboardActs Acts { get; init; } = DashboardActs.None;

    /// <summary>Pause, resume and trigger of schedules; null serves them for looking only.</summary>
    public IScheduleActions? Schedules => Acts.Schedules;

    /// <summary>Starts runs of jobs that are sent to the API; null starts none.</summary>
    public Api.IRunStarts? Starts { get; init; }

    /// <summary>Whether it is for looking only: acts are neither shown nor taken.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Who may come in.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>How often a live part looks at the ledger.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromSeconds(1);
}
