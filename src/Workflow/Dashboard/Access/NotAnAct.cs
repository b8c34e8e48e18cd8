namespace Workflow.Dashboard.Access;

/// <summary>Marks a POST that changes nothing in the home, such as signing out: taken even where a dashboard is for looking only.</summary>
sealed class NotAnAct;
