namespace Workflow.Runs;

/// <summary>Carries a classified fault up to where the attempt ends.</summary>
sealed class AttemptFailedException(AttemptFault fault) : Exception(fault.Message)
{
    public AttemptFault Fault { get; } = fault;
}
